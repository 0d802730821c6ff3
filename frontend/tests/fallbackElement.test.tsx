import { act, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Markdown } from "../src/fallback/Markdown";
import { Widget } from "../src/fallback/Widget";
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

  it("refuses updates while it streams, as ChatKit does", async () => {
    const stream = openStream();
    const chat = await opened({ "threads.create": () => stream.response });
    void chat.element.sendUserMessage({ text: "hello" });
    stream.send({ type: "thread.created", thread: thread("thr_1") });
    await chat.settle();
    await expect(chat.element.fetchUpdates()).rejects.toThrow();
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

  it("gives long threads page by page", async () => {
    const page = (from: number) =>
      json({
        data: [from, from - 1].map((n) =>
          item("assistant_message", `a${n}`, { content: [{ text: `answer ${n}` }] }),
        ),
        has_more: from > 2,
        after: `a${from - 1}`,
      });
    const answer = vi.fn((request: unknown) =>
      (request as { params: { after?: string } }).params.after ? page(2) : page(4),
    );
    const chat = await opened(
      {
        "threads.get_by_id": () =>
          json({ ...thread("thr_1"), items: { data: [], has_more: true } }),
        "items.list": answer,
      },
      "thr_1",
    );
    expect(chat.text()).toContain("answer 3");
    expect(chat.text()).not.toContain("answer 2");
    act(() => chat.button("Show earlier messages").click());
    await chat.settle();
    expect(chat.text()).toMatch(/answer 1.*answer 2.*answer 3.*answer 4/);
  });
});

describe("what a model wrote", () => {
  it("becomes elements, and never HTML", () => {
    const { container } = render(
      <Markdown
        text={
          "# Title\n\nA **bold** and *soft* `code`.\n\n- one\n- two\n\n<img src=x onerror=alert(1)>"
        }
      />,
    );
    expect(container.querySelector("img")).toBeNull();
    expect(container.textContent).toContain("<img src=x");
    expect(container.querySelector("strong")?.textContent).toBe("bold");
    expect(container.querySelectorAll("ul > li")).toHaveLength(2);
    expect(container.querySelector("code")?.textContent).toBe("code");
  });

  it("links to the web only", () => {
    render(<Markdown text="[good](https://example.com/a) [bad](javascript:alert(1))" />);
    expect(screen.getAllByRole("link").map((link) => link.getAttribute("href"))).toEqual([
      "https://example.com/a",
    ]);
    expect(document.body.textContent).toContain("bad");
  });

  it("keeps words with underscores and lone asterisks whole", () => {
    const { container } = render(<Markdown text={"due_at_time and 2 * 3 * 4"} />);
    expect(container.textContent).toBe("due_at_time and 2 * 3 * 4");
    expect(container.querySelector("em")).toBeNull();
  });
});

describe("a widget", () => {
  it("shows cards with their confirm and cancel", () => {
    const onAction = vi.fn(async () => {});
    const confirm = { label: "Confirm", action: { type: "bulk.confirm" } };
    render(
      <Widget
        root={{ type: "Card", children: [{ type: "Title", value: "Delete 2 tasks?" }], confirm }}
        busy={false}
        onAction={onAction}
      />,
    );
    screen.getByText("Delete 2 tasks?");
    act(() => screen.getByRole("button", { name: "Confirm" }).click());
    expect(onAction).toHaveBeenCalledWith({ type: "bulk.confirm", loadingBehavior: "container" });
  });

  it("takes no clicks while one is being done", () => {
    const onAction = vi.fn(async () => {});
    const button = { type: "Button", label: "Undo", onClickAction: { type: "change.undo" } };
    render(<Widget root={{ type: "Card", children: [button] }} busy onAction={onAction} />);
    act(() => screen.getByRole("button", { name: "Undo" }).click());
    expect(onAction).not.toHaveBeenCalled();
  });

  it("shows the first rows of a long list, and the rest when asked", () => {
    const rows = Array.from({ length: 12 }, (_, n) => ({
      type: "ListViewItem",
      key: `${n}`,
      children: [{ type: "Text", value: `row ${n}` }],
    }));
    render(
      <Widget
        root={{ type: "ListView", limit: 5, children: rows }}
        busy={false}
        onAction={vi.fn()}
      />,
    );
    expect(screen.queryByText("row 5")).toBeNull();
    act(() => screen.getByRole("button", { name: "Show 7 more" }).click());
    screen.getByText("row 11");
  });

  it("does not stumble over components it does not know", () => {
    const chart = { type: "Chart", children: [{ type: "Text", value: "inside" }] };
    render(<Widget root={{ type: "Card", children: [chart] }} busy={false} onAction={vi.fn()} />);
    screen.getByText("inside");
  });
});
