import type { ChatKitOptions } from "@openai/chatkit";
import { act } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, describe, expect, it, vi } from "vitest";
import { json, later, openStream } from "./support/backend";
import { item, opened, thread } from "./support/fallback";

afterEach(() => {
  document.body.replaceChildren();
});

const said = (id: string, text: string) => item("assistant_message", id, { content: [{ text }] });
const asked = (id: string, content: object[], members: object = {}) =>
  item("user_message", id, { content, ...members });
const text = (words: string) => ({ type: "input_text", text: words });

/** A thread with these items, opened. */
function showing(
  items: object[],
  { members = {}, options = {} }: { members?: object; options?: Partial<ChatKitOptions> } = {},
) {
  const stored = { ...thread("thr_1"), items: { data: items, has_more: false }, ...members };
  return opened(
    {
      "threads.get_by_id": () => json(stored),
      "threads.add_user_message": () => {
        const stream = openStream();
        stream.send({ type: "thread.item.added", item: asked("q", [text("Why?")]) });
        stream.end();
        return stream.response;
      },
    },
    "thr_1",
    options,
  );
}

const workflow = (members: object) =>
  item("workflow", "w", {
    workflow: {
      type: "custom",
      tasks: [{ type: "custom", title: "Create task", status_indicator: "complete" }],
      ...members,
    },
  });

describe("finished steps", () => {
  it("are summed up, and open to the steps", async () => {
    const chat = await showing([workflow({ summary: { title: "Created 1 task" } })]);
    expect(chat.text()).not.toContain("Create task");
    const summary = chat.button("Created 1 task");
    expect(summary.getAttribute("aria-expanded")).toBe("false");
    await act(async () => summary.click());
    expect(chat.text()).toContain("Create task");
    await act(async () => summary.click());
    expect(chat.text()).not.toContain("Create task");
  });

  it("stay in sight without a summary, or when they are said to be open", async () => {
    const plain = await showing([workflow({})]);
    expect(plain.text()).toContain("Create task");
    const open = await showing([workflow({ summary: { title: "Done" }, expanded: true })]);
    expect(open.text()).toContain("Create task");
  });

  it("close when the summary comes, though they were open while it was worked", async () => {
    const stream = openStream();
    const chat = await opened({ "threads.create": () => stream.response });
    void chat.element.sendUserMessage({ text: "hello" });
    stream.send({ type: "thread.created", thread: thread("thr_1") });
    stream.send({ type: "thread.item.added", item: workflow({ expanded: true }) });
    await chat.settle();
    expect(chat.text()).toContain("Create task");
    const done = workflow({ expanded: false, summary: { title: "Created 1 task" } });
    stream.send({ type: "thread.item.done", item: done });
    stream.end();
    await chat.settle();
    expect(chat.button("Created 1 task")).toBeTruthy();
    expect(chat.text()).not.toContain("Create task");
  });

  it("can be summed up by how long they took", async () => {
    const chat = await showing([workflow({ summary: { duration: 75 } })]);
    expect(chat.text()).toContain("Worked for 1 min 15 s");
  });
});

describe("an answer", () => {
  it("is copied whole, as Markdown, and can be rated in each turn", async () => {
    const user = userEvent.setup();
    const writeText = vi.spyOn(navigator.clipboard, "writeText");
    const chat = await showing([
      asked("q1", [text("One?")]),
      said("a1", "**First**"),
      said("a2", "part"),
      asked("q2", [text("Two?")]),
      said("a3", "Second"),
    ]);
    const buttons = (label: string) => [
      ...chat.root().querySelectorAll<HTMLButtonElement>(`[aria-label="${label}"]`),
    ];
    expect(buttons("Copy answer")).toHaveLength(2);
    expect(buttons("Good answer")).toHaveLength(2);
    expect(buttons("Try again")).toHaveLength(1);
    await user.click(buttons("Copy answer")[0] as HTMLButtonElement);
    await chat.settle();
    expect(writeText).toHaveBeenCalledWith("**First**\n\npart");
    expect(chat.text()).toContain("Copied");
  });
});

describe("a quotation", () => {
  it("is made of what is selected in an answer, and goes with the message", async () => {
    const chat = await showing([said("a", "All of it is due on Friday.")]);
    const words = chat.root().querySelector(".assistant-message p")?.firstChild as Node;
    const range = document.createRange();
    range.setStart(words, 0);
    range.setEnd(words, 9);
    const selection = {
      rangeCount: 1,
      getRangeAt: () => range,
      toString: () => "All of it",
    };
    Object.assign(chat.root(), { getSelection: () => selection });
    await act(async () => document.dispatchEvent(new Event("selectionchange")));
    const quote = chat.root().querySelector(".quote-button") as HTMLButtonElement;
    await act(async () => quote.click());
    expect(chat.root().querySelector(".composer-quote")?.textContent).toBe("All of it");

    await chat.element.setComposerValue({ text: "Why?" });
    await chat.settle();
    await act(async () => chat.button("Send").click());
    await chat.settle();
    const sent = chat.asked.find(({ type }) => type === "threads.add_user_message");
    expect(sent?.params.input).toMatchObject({ quoted_text: "All of it" });
    expect(chat.root().querySelector(".composer-quote")).toBeNull();
  });

  it("can be taken back", async () => {
    const chat = await showing([]);
    await chat.element.setComposerValue({ text: "Why?", reply: "All of it" });
    await chat.settle();
    await act(async () => chat.button("Do not quote").click());
    await chat.settle();
    expect(chat.root().querySelector(".composer-quote")).toBeNull();
    expect(chat.field().value).toBe("Why?");
  });

  it("stands above the message that it went with", async () => {
    const chat = await showing([asked("q", [text("Why?")], { quoted_text: "All of it" })]);
    expect(chat.root().querySelector("blockquote")?.textContent).toBe("You quoted: All of it");
  });
});

describe("a thread that takes no messages", () => {
  it("says why while it is locked", async () => {
    const status = { type: "locked", reason: "Waiting for your confirmation" };
    const chat = await showing([], { members: { status } });
    expect(chat.text()).toContain("Waiting for your confirmation");
    expect(chat.field().disabled).toBe(true);
    expect(chat.button("Send").disabled).toBe(true);
  });

  it("has no composer once it is closed, and a new one can be begun", async () => {
    const chat = await showing([], { members: { status: { type: "closed" } } });
    expect(chat.text()).toContain("This conversation has ended");
    expect(chat.field()).toBeNull();
    await act(async () => chat.button("New conversation").click());
    await chat.settle();
    expect(chat.field().disabled).toBe(false);
  });
});

describe("a mentioned task", () => {
  const tag = { type: "input_tag", id: "tsk_1", text: "Call mom", data: {}, interactive: true };

  it("shows its preview when the focus comes to it, and opens on a click", async () => {
    const onClick = vi.fn();
    const preview = { type: "Basic", children: [{ type: "Text", value: "Due tomorrow" }] };
    const chat = await showing([asked("q", [text("Move "), tag])], {
      options: {
        entities: { onClick, onRequestPreview: async () => ({ preview }) as never },
      },
    });
    const mention = chat.button("@Call mom");
    await act(async () => mention.focus());
    await act(() => later(300));
    expect(chat.root().querySelector('[role="tooltip"]')?.textContent).toBe("Due tomorrow");
    await act(async () => mention.click());
    expect(chat.root().querySelector('[role="tooltip"]')).toBeNull();
    expect(onClick).toHaveBeenCalledWith(
      expect.objectContaining({ id: "tsk_1", title: "Call mom" }),
    );
  });
});

describe("the options", () => {
  it("say what the head shows", async () => {
    const fixed = await showing([], { options: { header: { title: { text: "Assistant" } } } });
    expect(fixed.root().querySelector("h2")?.textContent).toBe("Assistant");
    const untitled = await showing([], { options: { header: { title: { enabled: false } } } });
    expect(untitled.root().querySelector("h2")).toBeNull();
    const none = await showing([], { options: { header: { enabled: false } } });
    expect(none.root().querySelector("header")).toBeNull();
  });

  it("say how the chat looks", async () => {
    const chat = await showing([], {
      options: {
        theme: {
          colorScheme: "dark",
          radius: "sharp",
          density: "compact",
          color: {
            accent: { primary: "#7cc7b1", level: 1 },
            surface: { background: "#101010", foreground: "#202020" },
          },
        },
      },
    });
    const { dataset, style } = chat.root().querySelector(".chat") as HTMLElement;
    expect({ ...dataset }).toEqual({ scheme: "dark", radius: "sharp", density: "compact" });
    expect(style.getPropertyValue("--accent")).toBe("#7cc7b1");
    expect(style.getPropertyValue("--on-accent")).toBe("#0d1f1a");
    expect(style.getPropertyValue("--surface")).toBe("#101010");
  });
});

it("can be used with a screen reader in each of these states", async () => {
  const chat = await showing(
    [
      asked("q", [text("Why?")], { quoted_text: "All of it" }),
      workflow({ summary: { title: "Created 1 task" } }),
      said("a", "Because."),
    ],
    { members: { status: { type: "locked" } } },
  );
  const { violations } = await axe.run(chat.root().querySelector(".chat") as Element, {
    rules: { region: { enabled: false } },
  });
  expect(violations.map(({ id }) => id)).toEqual([]);
});
