import { describe, expect, it, vi } from "vitest";
import { createChatFetch } from "../src/chat/chatFetch";
import type { ChatFetchOptions } from "../src/chat/chatStream";
import { type Item, ShownThreads } from "../src/chat/shownItems";
import {
  type Answer,
  type Asked,
  eventsOf,
  fakeFetch,
  json,
  later,
  messageBody,
  openStream,
  problem,
} from "./support/backend";

const FOLLOW = JSON.stringify({
  type: "threads.custom_action",
  params: { thread_id: "thr_1", action: { type: "run.follow", payload: {} } },
});
const message = (id: string): Item => ({ id, type: "user_message" });

/** A backend with these items in the thread, newest last, and this answer to who follows. */
function backend(items: Item[], run: Answer, options: ChatFetchOptions = {}) {
  const answer = (asked: Asked): Response | Promise<Response> => {
    const { type, params } = JSON.parse(asked.body ?? "{}");
    if (type === "items.list") return json(newest(items, params.after));
    if (type !== "threads.custom_action" && own) return own();
    if (run instanceof Error) throw run;
    return typeof run === "function" ? run(asked) : run;
  };
  let own: (() => Response) | undefined;
  const shown = new ShownThreads();
  const onFollowed = vi.fn();
  const { fetch, asked } = fakeFetch(answer);
  const chatFetch = createChatFetch({ fetch, shown, onFollowed, retryDelaysMs: [], ...options });
  const post = (body: string) => chatFetch("/api/chatkit", { method: "POST", body });
  return {
    follow: () => post(FOLLOW),
    post,
    shown: shown.of("thr_1"),
    onFollowed,
    asked,
    answerOwn(response: () => Response) {
      own = response;
    },
  };
}

function newest(items: Item[], after: string | undefined) {
  const end = after === undefined ? items.length : items.findIndex(({ id }) => id === after);
  const page = items.slice(Math.max(0, end - 100), end);
  return { data: page.toReversed(), has_more: end > 100 };
}

const nothing = () => new Response("", { headers: { "Content-Type": "text/event-stream" } });

describe("following", () => {
  it("brings what was missed, then the answer in progress", async () => {
    const run = openStream();
    const { follow, shown, onFollowed } = backend([message("1"), message("2")], run.response);
    shown.replace([message("1")]);
    const reading = follow().then(eventsOf);
    run.send({ type: "thread.item.added", item: { id: "a", type: "assistant_message" } });
    run.end();
    expect((await reading).map(({ type }) => type)).toEqual([
      "thread.item.done",
      "thread.item.added",
    ]);
    expect(onFollowed.mock.calls).toEqual([["thr_1", true]]);
  });

  it("costs two requests, and tells nothing where nothing was missed", async () => {
    const { follow, shown, asked, onFollowed } = backend([message("1")], nothing);
    shown.replace([message("1")]);
    expect(await eventsOf(await follow())).toEqual([]);
    expect(asked).toHaveLength(2);
    expect(onFollowed.mock.calls).toEqual([["thr_1", false]]);
  });

  it("asks for the run before it reads the items, so that they are final if there is none", async () => {
    const { follow, asked } = backend([], nothing);
    await (await follow()).text();
    expect(asked.map(({ body }) => JSON.parse(body ?? "").type)).toEqual([
      "threads.custom_action",
      "items.list",
    ]);
  });

  it("reads back to what is shown, page by page", async () => {
    const items = Array.from({ length: 250 }, (_, n) => message(`${n}`));
    const { follow, shown, asked } = backend(items, nothing);
    shown.replace(items.slice(0, 40));
    expect(await eventsOf(await follow())).toHaveLength(210);
    expect(asked).toHaveLength(4);
  });

  it.each([
    [503, 1],
    [429, 2],
  ])("is silent when refused by %i: the page asked, not the person", async (status, requests) => {
    const { follow, asked } = backend([], () => problem(status, "refused"));
    expect(await eventsOf(await follow())).toEqual([]);
    expect(asked).toHaveLength(requests);
  });

  it("ends in silence when the connection breaks, which is told of", async () => {
    const connection = { failed: vi.fn(), succeeded: vi.fn() };
    const run = openStream();
    const { follow, onFollowed } = backend([], run.response, { connection });
    const reader = (await follow()).body?.getReader();
    const readText = async () => new TextDecoder().decode((await reader?.read())?.value);
    run.send({ type: "thread.item.done", item: message("1") });
    // First what was missed, which is nothing, then the item.
    expect(await readText()).toBe("");
    expect(await readText()).toContain("thread.item.done");
    run.break();
    expect(await readText()).toBe("");
    expect(await reader?.read()).toMatchObject({ done: true });
    expect(connection.failed).toHaveBeenCalledTimes(1);
    expect(onFollowed.mock.calls).toEqual([["thr_1", false]]);
  });

  it("does not end before an answer that the person asked for meanwhile", async () => {
    const run = openStream();
    const { follow, post, answerOwn } = backend([message("1")], run.response);
    const stream = openStream();
    answerOwn(() => stream.response);
    let ended = false;
    const following = await follow();
    const reading = eventsOf(following).then((events) => {
      ended = true;
      return events;
    });
    await later(5);
    const answering = eventsOf(await post(messageBody("thr_1")));
    run.send({ type: "thread.item.done", item: message("not for the element") });
    run.end();
    await later(5);
    expect(ended).toBe(false);
    stream.end();
    await answering;
    expect(await reading).toHaveLength(1);
  });
});
