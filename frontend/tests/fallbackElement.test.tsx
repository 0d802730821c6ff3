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

  it.each([
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "data:text/html,hello",
    "file:///etc/passwd",
    "//example.com",
    "/api/session",
    "https://",
  ])("links to the web and to mail only, and not to %s", (href) => {
    render(<Markdown text={`[words](${href})`} />);
    expect(screen.queryByRole("link")).toBeNull();
    expect(document.body.textContent).toContain("words");
  });

  it.each([
    ["[your bank](https://evil.example/login)", "your bank (evil.example)"],
    ["[https://bank.example](https://evil.example/)", "https://bank.example (evil.example)"],
    ["[bank](https://bank.example@evil.example:8443/a)", "bank (evil.example:8443)"],
    ["[bank](HTTPS://EVIL.example)", "bank (evil.example)"],
    ["[аpple.com](https://аpple.com)", "аpple.com (xn--pple-43d.com)"],
    ["[example.com](https://example.com/a?b=c)", "example.com"],
    ["[https://example.com/](https://example.com/)", "https://example.com/"],
    ["[write to Ada](mailto:ada@example.com?subject=Hi)", "write to Ada (ada@example.com)"],
  ])("says where a link leads: %s", (text, shown) => {
    render(<Markdown text={text} />);
    const link = screen.getByRole("link");
    expect(link.textContent).toBe(shown);
    expect(link.getAttribute("rel")).toBe("noopener noreferrer");
    expect(link.getAttribute("target")).toBe("_blank");
    for (const part of link.querySelectorAll("bdi")) expect(part.childElementCount).toBe(0);
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
