import { act } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { json, openStream } from "./support/backend";
import { item, opened, thread } from "./support/fallback";

afterEach(() => {
  document.body.replaceChildren();
});

describe("threads in the fallback", () => {
  it("reads updates only after the answer that it shows, and then for five seconds no more", async () => {
    const stream = openStream();
    const chat = await opened({
      "threads.create": () => stream.response,
      "threads.get_by_id": () => json(thread("thr_1")),
    });
    void chat.element.sendUserMessage({ text: "hello" });
    stream.send({ type: "thread.created", thread: thread("thr_1") });
    await chat.settle();
    const updates = chat.element.fetchUpdates();
    await chat.settle();
    expect(chat.asked).toHaveLength(1);
    stream.end();
    await act(() => updates);
    await act(() => chat.element.fetchUpdates());
    expect(chat.asked.map(({ type }) => type)).toEqual(["threads.create", "threads.get_by_id"]);
    expect(chat.events.filter((name) => name === "thread.load.end")).toHaveLength(2);
  });

  it("keeps the threads that were opened, with the answers that are written in them", async () => {
    const stream = openStream();
    const chat = await opened({ "threads.create": () => stream.response });
    void chat.element.sendUserMessage({ text: "hello" });
    stream.send({ type: "thread.created", thread: thread("thr_1") });
    await chat.settle();
    await act(() => chat.element.setThreadId(null));
    stream.send({
      type: "thread.item.done",
      item: item("assistant_message", "a", { content: [{ text: "Meanwhile" }] }),
    });
    await chat.settle();
    expect(chat.text()).not.toContain("Meanwhile");
    await act(() => chat.element.setThreadId("thr_1"));
    await chat.settle();
    expect(chat.text()).toContain("Meanwhile");
    expect(chat.asked).toHaveLength(1);
    stream.end();
    await chat.settle();
  });

  it.each([
    [undefined, 0],
    [false, 1],
  ])(
    "does a click while an answer is written if it does not stream: %s",
    async (streaming, acts) => {
      const stream = openStream();
      const action = { type: "task.complete", handler: "server", streaming };
      const button = { type: "Button", label: "Complete", onClickAction: action };
      const card = item("widget", "w", { widget: { type: "Card", children: [button] } });
      const chat = await opened(
        {
          "threads.get_by_id": () =>
            json({ ...thread("thr_1"), items: { data: [card], has_more: false } }),
          "threads.add_user_message": () => stream.response,
          "threads.sync_custom_action": () => json({}),
        },
        "thr_1",
      );
      void chat.element.sendUserMessage({ text: "hello" });
      await chat.settle();
      act(() => chat.button("Complete").click());
      await chat.settle();
      expect(chat.asked.filter(({ type }) => type.endsWith("custom_action"))).toHaveLength(acts);
      stream.end();
      await chat.settle();
    },
  );

  it("does not show a stream of a thread that was left", async () => {
    const stream = openStream();
    const chat = await opened({ "threads.create": () => stream.response });
    void chat.element.sendUserMessage({ text: "hello" });
    stream.send({ type: "thread.created", thread: thread("thr_1") });
    await chat.settle();
    await act(() => chat.element.setThreadId(null));
    stream.send({
      type: "thread.item.done",
      item: item("assistant_message", "a", { content: [{ text: "Elsewhere" }] }),
    });
    stream.end();
    await chat.settle();
    expect(chat.text()).not.toContain("Elsewhere");
  });

  it("reads a long thread to its end, and shows its newest items first", async () => {
    const answer = (n: number) =>
      item("assistant_message", `a${n}`, { content: [{ text: `answer ${n}.` }] });
    const chat = await opened(
      {
        "threads.get_by_id": () =>
          json({ ...thread("thr_1"), items: { data: [answer(0)], has_more: true } }),
        "items.list": (request) => {
          const { after } = (request as unknown as { params: { after: string } }).params;
          const from = Number(after.slice(1)) + 1;
          const data = Array.from({ length: 100 }, (_, n) => answer(from + n));
          return json({ data, has_more: from < 200 });
        },
      },
      "thr_1",
    );
    expect(chat.asked).toHaveLength(4);
    expect(chat.text()).toContain("answer 300.");
    expect(chat.text()).not.toContain("answer 200.");
    act(() => chat.button("Show earlier messages").click());
    await chat.settle();
    expect(chat.text()).toMatch(/answer 101\..*answer 200\..*answer 300\./);
  });
});
