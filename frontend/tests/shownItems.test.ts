import { describe, expect, it } from "vitest";
import { type Item, type ItemEvent, ShownItems, ShownThreads } from "../src/chat/shownItems";

const user = (id: string): Item => ({ id, type: "user_message" });
const answer = (id: string, text = id): Item =>
  ({ id, type: "assistant_message", content: [{ text }] }) as Item;

function shown(...items: Item[]): ShownItems {
  const made = new ShownItems();
  made.replace(items);
  return made;
}

const brief = (events: ItemEvent[]) =>
  events.map(({ type, item, item_id }) => `${type.split(".").at(-1)} ${item?.id ?? item_id}`);

describe("what the element has missed", () => {
  it("is nothing where it shows the same", () => {
    const items = [user("1"), answer("2")];
    expect(shown(...items).changesTo(items)).toEqual([]);
    expect(shown(...items).changesTo(items.slice(1))).toEqual([]);
  });

  it("is added at the end", () => {
    const events = shown(user("1")).changesTo([user("1"), user("2"), answer("3")]);
    expect(brief(events)).toEqual(["done 2", "added 3", "done 3"]);
  });

  it("is replaced where it has changed", () => {
    const events = shown(user("1"), answer("2", "old")).changesTo([user("1"), answer("2", "new")]);
    expect(events).toEqual([{ type: "thread.item.replaced", item: answer("2", "new") }]);
  });

  it("is taken away where it is gone, as by a retry on another device", () => {
    const events = shown(user("1"), answer("2")).changesTo([user("1"), answer("3")]);
    expect(brief(events)).toEqual(["removed 2", "added 3", "done 3"]);
  });

  it("comes in the thread's order, also before what was written here meanwhile", () => {
    const thread = [user("1"), user("theirs"), answer("to them"), user("mine")];
    const chat = shown(user("1"), user("mine"));
    const events = chat.changesTo(thread);
    expect(brief(events)).toEqual([
      "removed mine",
      "done theirs",
      "added to them",
      "done to them",
      "done mine",
    ]);
    for (const event of events) chat.apply(event);
    expect(chat.changesTo(thread)).toEqual([]);
  });

  it("is all, where nothing of it is shown", () => {
    expect(brief(shown(user("1")).changesTo([user("8")]))).toEqual(["removed 1", "done 8"]);
  });
});

describe("what the element shows", () => {
  it("of an item in pieces is not known, until it is done", () => {
    const chat = shown(answer("1"));
    chat.apply({ type: "thread.item.updated", item_id: "1" });
    expect(brief(chat.changesTo([answer("1")]))).toEqual(["added 1", "done 1"]);
    chat.apply({ type: "thread.item.done", item: answer("1") });
    expect(chat.changesTo([answer("1")])).toEqual([]);
  });

  it("is in doubt where it left out events", () => {
    const chat = shown(user("1"));
    chat.doubt();
    expect(brief(chat.changesTo([user("1")]))).toEqual(["done 1"]);
  });

  it("ends before an answer that is made anew", () => {
    const chat = shown(user("1"), answer("2"));
    chat.cutAfter("1");
    expect(brief(chat.changesTo([user("1"), answer("2")]))).toEqual(["added 2", "done 2"]);
  });

  it("is not what it was given only to look ahead", () => {
    const threads = new ShownThreads();
    threads.reading("thr_1");
    threads.given("thr_1", [user("1")]);
    threads.given("thr_1", [user("2")]);
    for (const id of ["1", "2"]) expect(threads.of("thr_1").has(id)).toBe(false);
    threads.loaded("thr_1");
    expect(threads.of("thr_1").changesTo([user("1"), user("2")])).toEqual([]);
  });
});
