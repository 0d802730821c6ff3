import { act } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { json, openStream } from "./support/backend";
import { item, opened, thread } from "./support/fallback";

afterEach(() => {
  document.body.replaceChildren();
});

describe("the fallback element", () => {
  it("says what it is, and is ready", async () => {
    const chat = await opened({});
    expect(chat.text()).toContain("in place of OpenAI’s ChatKit");
    expect(chat.events).toEqual(["ready"]);
  });

  it("opens the remembered thread", async () => {
    const stored = { data: [item("assistant_message", "a", { content: [{ text: "Hi" }] })] };
    const chat = await opened(
      { "threads.get_by_id": () => json({ ...thread("thr_1"), items: stored }) },
      "thr_1",
    );
    expect(chat.text()).toContain("Hi");
    expect(chat.events).toEqual(["ready", "thread.change", "thread.load.end"]);
  });

  it("streams an answer, keeps the text until it is taken, and tells of effects", async () => {
    const stream = openStream();
    const chat = await opened({ "threads.create": () => stream.response });
    await chat.element.setComposerValue({ text: "buy milk" });
    await chat.settle();
    act(() => chat.button("Send").click());
    await chat.settle();
    expect(chat.field().value).toBe("buy milk");
    stream.send({ type: "thread.created", thread: thread("thr_1") });
    stream.send({ type: "client_effect", name: "tasks.changed" });
    await chat.settle();
    expect(chat.field().value).toBe("");
    stream.send({
      type: "thread.item.done",
      item: item("assistant_message", "a", { content: [{ text: "**Done**" }] }),
    });
    stream.end();
    await chat.settle();
    expect(chat.text()).toContain("Done");
    expect(chat.events).toEqual([
      "ready",
      "response.start",
      "thread.change",
      "effect",
      "response.end",
    ]);
    expect(chat.asked[0]?.params).toEqual({
      input: {
        content: [{ type: "input_text", text: "buy milk" }],
        attachments: [],
        inference_options: {},
      },
    });
  });

  it("keeps the text of a message that was refused, and says why", async () => {
    const refused = () => {
      const stream = openStream();
      stream.send({ type: "error", code: "custom", message: "Too many", allow_retry: false });
      stream.end();
      return stream.response;
    };
    const chat = await opened({ "threads.create": refused });
    await chat.element.setComposerValue({ text: "buy milk" });
    await chat.settle();
    act(() => chat.button("Send").click());
    await chat.settle();
    expect(chat.text()).toContain("Too many");
    expect(chat.field().value).toBe("buy milk");
    expect(chat.button("Send")).toBeTruthy();
  });

  it("aborts the stream on Stop, and what was written stays", async () => {
    const stream = openStream();
    const chat = await opened({ "threads.create": () => stream.response });
    void chat.element.sendUserMessage({ text: "hello" });
    stream.send({ type: "thread.created", thread: thread("thr_1") });
    stream.send({
      type: "thread.item.added",
      item: item("assistant_message", "a", { content: [{ text: "Half" }] }),
    });
    await chat.settle();
    act(() => chat.button("Stop").click());
    await chat.settle();
    expect(chat.text()).toContain("Half");
    expect(chat.button("Send")).toBeTruthy();
  });

  it("takes no action while an answer is being written or the thread is loaded", async () => {
    const stream = openStream();
    const following = { type: "run.follow", payload: {} };
    const chat = await opened(
      {
        "threads.get_by_id": () => json(thread("thr_1")),
        "threads.custom_action": () => stream.response,
      },
      "thr_1",
    );
    void chat.element.sendCustomAction(following);
    stream.send({ type: "thread.item.done", item: item("user_message", "u", { content: [] }) });
    await chat.settle();
    expect(chat.events).not.toContain("response.start");
    stream.send({
      type: "thread.item.added",
      item: item("assistant_message", "a", { content: [{ text: "Half" }] }),
    });
    await chat.settle();
    expect(chat.events.at(-1)).toBe("response.start");
    await expect(chat.element.sendCustomAction(following)).rejects.toThrow();
    stream.end();
    await chat.settle();
    expect(chat.events.at(-1)).toBe("response.end");
  });

  it("tells of Stop for an answer that it only follows, and leaves out the rest", async () => {
    const stream = openStream();
    const chat = await opened(
      {
        "threads.get_by_id": () => json(thread("thr_1")),
        "threads.custom_action": () => stream.response,
      },
      "thr_1",
    );
    void chat.element.sendCustomAction({ type: "run.follow", payload: {} });
    const answer = (text: string) => item("assistant_message", "a", { content: [{ text }] });
    stream.send({ type: "thread.item.added", item: answer("Half") });
    await chat.settle();
    act(() => chat.button("Stop").click());
    expect(chat.events.at(-1)).toBe("response.stop");
    expect(stream.cancelled).toBe(false);
    stream.send({ type: "thread.item.done", item: answer("Half and the rest") });
    stream.end();
    await chat.settle();
    expect(chat.text()).toContain("Half");
    expect(chat.text()).not.toContain("the rest");
  });

  it("does nothing on Stop before a new thread has its name", async () => {
    const stream = openStream();
    const chat = await opened({ "threads.create": () => stream.response });
    void chat.element.sendUserMessage({ text: "hello" });
    await chat.settle();
    act(() => chat.button("Stop").click());
    expect(chat.events).not.toContain("response.stop");
    expect(stream.cancelled).toBe(false);
    stream.end();
    await chat.settle();
  });

  it("does a widget's action with the item it came from", async () => {
    const action = { type: "task.complete", payload: { task_id: "tsk_1" }, handler: "server" };
    const button = { type: "Button", label: "Complete", onClickAction: action };
    const card = (children: object[]) =>
      item("widget", "w", { widget: { type: "Card", children } });
    const chat = await opened(
      {
        "threads.get_by_id": () =>
          json({ ...thread("thr_1"), items: { data: [card([button])], has_more: false } }),
        "threads.custom_action": () => {
          const stream = openStream();
          stream.send({
            type: "thread.item.replaced",
            item: card([{ type: "Text", value: "Completed" }]),
          });
          stream.end();
          return stream.response;
        },
      },
      "thr_1",
    );
    act(() => chat.button("Complete").click());
    await chat.settle();
    expect(chat.text()).toContain("Completed");
    expect(chat.asked.at(-1)?.params).toEqual({
      thread_id: "thr_1",
      item_id: "w",
      action: { type: "task.complete", payload: { task_id: "tsk_1" } },
    });
  });
});
