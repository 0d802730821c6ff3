import { describe, expect, it } from "vitest";
import { ComposerModel } from "../src/fallback/composerModel";
import type { StreamEvent, ThreadItem } from "../src/fallback/protocol";
import { applyEvent, EMPTY, type Transcript } from "../src/fallback/transcript";

const base = { thread_id: "thr_1", created_at: "2026-03-18T12:00:00Z" };
const user = (id: string, text = id): ThreadItem => ({
  ...base,
  id,
  type: "user_message",
  content: [{ type: "input_text", text }],
});
const answer = (id: string, text: string): ThreadItem => ({
  ...base,
  id,
  type: "assistant_message",
  content: [{ text }],
});
const play = (...events: StreamEvent[]): Transcript => events.reduce(applyEvent, EMPTY);
const delta = (text: string): StreamEvent => ({
  type: "thread.item.updated",
  item_id: "a",
  update: { type: "assistant_message.content_part.text_delta", content_index: 0, delta: text },
});

describe("a stream's events", () => {
  it("write an answer piece by piece", () => {
    const { items } = play(
      { type: "thread.item.done", item: user("u") },
      { type: "thread.item.added", item: { ...answer("a", ""), content: [] } as ThreadItem },
      delta("Hel"),
      delta("lo"),
    );
    expect(items).toMatchObject([{ id: "u" }, { id: "a", content: [{ text: "Hello" }] }]);
  });

  it("begin an answer anew when it is followed from its start, in its old place", () => {
    const stored = [user("u"), answer("a", "Hel"), user("later")];
    const { items } = [
      { type: "thread.item.added", item: answer("a", "") } as StreamEvent,
      delta("Hello"),
    ].reduce(applyEvent, { ...EMPTY, items: stored });
    expect(items.map(({ id }) => id)).toEqual(["u", "a", "later"]);
    expect(items[1]).toMatchObject({ content: [{ text: "Hello" }] });
  });

  it("show a tool at work, and its end", () => {
    const step = (status_indicator: "loading" | "complete") => ({
      type: "custom",
      title: "Create task",
      status_indicator,
    });
    const { items } = play(
      {
        type: "thread.item.added",
        item: {
          ...base,
          id: "wf",
          type: "workflow",
          workflow: { type: "custom", tasks: [step("loading")] },
        },
      },
      {
        type: "thread.item.updated",
        item_id: "wf",
        update: { type: "workflow.task.added", task_index: 1, task: step("loading") },
      },
      {
        type: "thread.item.updated",
        item_id: "wf",
        update: { type: "workflow.task.updated", task_index: 0, task: step("complete") },
      },
    );
    expect(items[0]).toMatchObject({
      workflow: { tasks: [{ status_indicator: "complete" }, { status_indicator: "loading" }] },
    });
  });

  it("change a widget in place", () => {
    const widget = (value: string) => ({
      ...base,
      id: "w",
      type: "widget" as const,
      widget: { type: "Card", children: [{ type: "Text", id: "t", value }] },
    });
    const { items } = play(
      { type: "thread.item.done", item: widget("a") },
      {
        type: "thread.item.updated",
        item_id: "w",
        update: {
          type: "widget.streaming_text.value_delta",
          component_id: "t",
          delta: "b",
          done: true,
        },
      },
    );
    expect(items[0]).toMatchObject({ widget: { children: [{ value: "ab" }] } });
    expect(
      applyEvent({ ...EMPTY, items }, { type: "thread.item.replaced", item: widget("c") }),
    ).toMatchObject({ items: [{ widget: { children: [{ value: "c" }] } }] });
  });

  it("tell of errors, in words of our own where there are none", () => {
    expect(play({ type: "error", code: "stream.error", allow_retry: true }).error).toMatchObject({
      allowRetry: true,
      message: expect.stringContaining("could not be finished"),
    });
  });

  it("that are unknown change nothing", () => {
    expect(play({ type: "something.new" } as unknown as StreamEvent)).toEqual(EMPTY);
  });
});

describe("the composer", () => {
  const entity = (id: string, title: string) => ({ id, title, data: { task_id: id } });

  it("sends mentions as tags between the text", () => {
    const composer = new ComposerModel(() => {});
    composer.value = "Mark @mil";
    composer.mention(entity("tsk_1", "milk"), 5, 9);
    composer.value += "done";
    expect(composer.content()).toMatchObject([
      { type: "input_text", text: "Mark " },
      { type: "input_tag", id: "tsk_1", text: "milk", data: { task_id: "tsk_1" } },
      { type: "input_text", text: " done" },
    ]);
  });

  it("means the longer of two titles that begin alike", () => {
    const composer = new ComposerModel(() => {});
    composer.mention(entity("short", "milk"), 0, 0);
    composer.clear();
    composer.mention(entity("short", "milk"), 0, 0);
    composer.mention(entity("long", "milk for tea"), composer.value.length, composer.value.length);
    expect(composer.content().filter((part) => part.type === "input_tag")).toMatchObject([
      { id: "short" },
      { id: "long" },
    ]);
  });

  it("takes a refused message back as it was", () => {
    const composer = new ComposerModel(() => {});
    composer.mention(entity("tsk_1", "milk"), 0, 0);
    composer.value += "done";
    const content = composer.content();
    composer.clear();
    composer.set({ content });
    expect(composer.value).toBe("@milk done");
    expect(composer.content()).toEqual(content);
  });

  it("has nothing to send but blanks", () => {
    const composer = new ComposerModel(() => {});
    composer.value = "  \n";
    expect(composer.content()).toEqual([]);
  });
});
