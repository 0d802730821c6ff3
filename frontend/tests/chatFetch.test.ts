import { createHash } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { createChatFetch } from "../src/chat/chatFetch";
import { ShownThreads } from "../src/chat/shownItems";
import { eventsOf, fakeFetch, json, later, messageBody, problem } from "./support/backend";
import { chat, streamOf } from "./support/chat";

describe("what a request carries", () => {
  it("the zone, a key, the body's hash, and no token when the cookie speaks", async () => {
    const body = messageBody("thr_1");
    const { post, asked } = chat([() => streamOf({ type: "stream_options" })]);
    await (await post(body)).text();
    const headers = asked[0]?.headers;
    expect(headers?.get("X-Timezone")).toBe("Europe/Berlin");
    expect(headers?.get("Idempotency-Key")).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers?.get("x-amz-content-sha256")).toBe(
      createHash("sha256").update(body).digest("hex"),
    );
    expect(headers?.has("Authorization")).toBe(false);
  });

  it("the same when it comes as one object", async () => {
    const { fetch, asked } = fakeFetch(() => streamOf());
    const request = new Request("http://localhost/api/chatkit", {
      method: "POST",
      body: messageBody("thr_1"),
    });
    await (await createChatFetch({ fetch })(request)).text();
    expect(asked[0]).toMatchObject({ method: "POST", body: messageBody("thr_1") });
    expect(asked[0]?.headers.has("Idempotency-Key")).toBe(true);
  });

  it("a bearer token where there is one", async () => {
    const { post, asked } = chat([() => streamOf()], { bearer: () => "abc" });
    await (await post(messageBody("thr_1"))).text();
    expect(asked[0]?.headers.get("Authorization")).toBe("Bearer abc");
  });

  it("no key when it starts nothing", async () => {
    const { post, asked } = chat([new Response("{}")]);
    await post(JSON.stringify({ type: "threads.list", params: {} }));
    expect(asked[0]?.headers.has("Idempotency-Key")).toBe(false);
  });
});

describe("the upload of a file", () => {
  it("carries its bytes and what the server said, and nothing that is ours", async () => {
    const sent: RequestInit[] = [];
    const fetch = async (_: unknown, init: RequestInit) => {
      sent.push(init);
      return new Response();
    };
    const { chatFetch } = chat([], { fetch: fetch as typeof globalThis.fetch });
    const file = new Blob(["PNG!"]);
    const headers = { "Content-Type": "image/png" };
    await chatFetch("https://bucket.test/1", { method: "PUT", headers, body: file });
    expect(sent).toEqual([{ method: "PUT", headers, body: file, credentials: "omit" }]);
  });
});

describe("a request that does not get through", () => {
  it("is repeated with the same key", async () => {
    const { post, asked } = chat([new TypeError("failed"), () => streamOf({ type: "notice" })]);
    expect(await eventsOf(await post(messageBody("thr_1")))).toEqual([{ type: "notice" }]);
    const keys = asked.map(({ headers }) => headers.get("Idempotency-Key"));
    expect(keys).toHaveLength(2);
    expect(keys[0]).toBe(keys[1]);
  });

  it("becomes an error of the chat in the end, and gives the message back", async () => {
    const onRefused = vi.fn();
    const { post, asked } = chat([new TypeError("failed")], { onRefused });
    const [error] = await eventsOf(await post(messageBody("thr_1", "typed")));
    expect(error).toMatchObject({ type: "error", code: "custom", allow_retry: false });
    await later();
    expect(onRefused).toHaveBeenCalledWith([{ type: "input_text", text: "typed" }], []);
    expect(asked).toHaveLength(3);
  });

  it("tells the connection of each failure", async () => {
    const connection = { failed: vi.fn(), succeeded: vi.fn() };
    const { post } = chat([new TypeError("failed"), () => streamOf()], { connection });
    await post(messageBody("thr_1"));
    expect(connection.failed).toHaveBeenCalledTimes(1);
    expect(connection.succeeded).toHaveBeenCalledTimes(1);
  });
});

describe("an ended session", () => {
  it("is renewed, and the request repeated once with the same key", async () => {
    const renew = vi.fn(async () => true);
    const { post, asked } = chat([problem(401, "unauthenticated"), () => streamOf()], { renew });
    expect((await post(messageBody("thr_1"))).status).toBe(200);
    expect(renew).toHaveBeenCalledTimes(1);
    expect(asked[1]?.headers.get("Idempotency-Key")).toBe(asked[0]?.headers.get("Idempotency-Key"));
  });

  it("that cannot be renewed is told in the chat, and nothing is lost", async () => {
    const onRefused = vi.fn();
    const { post, asked } = chat([() => problem(401, "unauthenticated")], {
      renew: async () => false,
      onRefused,
    });
    const [error] = await eventsOf(await post(messageBody("thr_1")));
    expect(error?.message).toContain("session has ended");
    await later();
    expect(onRefused).toHaveBeenCalled();
    expect(asked).toHaveLength(1);
  });
});

describe("a refusal", () => {
  it.each([
    [409, "still-answering", {}, "still being answered"],
    [413, "payload-too-large", {}, "too long"],
    [429, "message-limit", { resets_at: new Date(Date.now() + 30_000).toISOString() }, "seconds"],
    [503, "database-unavailable", {}, "not available for a moment"],
    [500, "internal-error", {}, "went wrong on our side"],
  ])("of %i is the chat's own error event, in words", async (status, code, members, words) => {
    const onRefused = vi.fn();
    const { post } = chat([problem(status, code, members)], { onRefused });
    const response = await post(messageBody("thr_1"));
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const [error] = await eventsOf(response);
    expect(error).toMatchObject({ type: "error", code: "custom" });
    expect(error?.message).toContain(words);
    await later();
    expect(onRefused).toHaveBeenCalledTimes(1);
  });

  it("gives the message back only when the element has read all of the refusal", async () => {
    // Until then it keeps the message in a thread that it is about to throw away.
    const onRefused = vi.fn();
    const { post } = chat([problem(429, "message-limit")], { onRefused });
    const response = await post(messageBody(undefined));
    const reader = response.body?.getReader();
    await reader?.read();
    await later(5);
    expect(onRefused).not.toHaveBeenCalled();
    expect(await reader?.read()).toMatchObject({ done: true });
    expect(onRefused).not.toHaveBeenCalled();
    await later();
    expect(onRefused).toHaveBeenCalledTimes(1);
  });

  it("gives the files back, too, but for those that the server no longer has", async () => {
    const onRefused = vi.fn();
    const made = (id: string) => ({ id, type: "file", name: id, mime_type: "text/plain" });
    const refusal = problem(422, "attachment-refused", { attachment_ids: ["atc_2"] });
    const { post } = chat([json(made("atc_1")), json(made("atc_2")), refusal], { onRefused });
    for (const name of ["atc_1", "atc_2"]) {
      await post(JSON.stringify({ type: "attachments.create", params: { name } }));
    }
    const body = JSON.parse(messageBody("thr_1", "typed"));
    body.params.input.attachments = ["atc_1", "atc_2"];
    await (await post(JSON.stringify(body))).text();
    await later();
    expect(onRefused.mock.calls[0]?.[1]).toEqual([made("atc_1")]);
  });

  it("to make an answer anew has the old one brought back", async () => {
    const onRetryRefused = vi.fn();
    const { post } = chat([problem(409, "not-the-last-message")], { onRetryRefused });
    const params = { thread_id: "thr_1", item_id: "msg_1" };
    await (await post(JSON.stringify({ type: "threads.retry_after_item", params }))).text();
    await later();
    expect(onRetryRefused).toHaveBeenCalledTimes(1);
  });

  it("of a thread that is gone says so", async () => {
    const onThreadMissing = vi.fn();
    const { post } = chat([() => problem(404, "not-found")], { onThreadMissing });
    await post(messageBody("thr_1"));
    await post(JSON.stringify({ type: "threads.get_by_id", params: { thread_id: "thr_2" } }));
    expect(onThreadMissing.mock.calls).toEqual([["thr_1"], ["thr_2"]]);
  });

  it("of a request that streams nothing is left as it is", async () => {
    const { post } = chat([problem(503, "database-unavailable")]);
    expect((await post(JSON.stringify({ type: "threads.list", params: {} }))).status).toBe(503);
  });

  it("of an answer to a question asks it again: the element shows it as answered", async () => {
    const question = { id: "in_1", type: "structured_input", status: "pending", inputs: [] };
    const shown = new ShownThreads();
    shown.of("thr_1").replace([question]);
    const params = {
      thread_id: "thr_1",
      item_id: "in_1",
      input: { status: "skipped", answers: {} },
    };
    const { post } = chat([problem(429, "message-limit")], { shown });
    const refused = await post(JSON.stringify({ type: "threads.add_structured_input", params }));
    expect(await eventsOf(refused)).toMatchObject([
      { type: "thread.item.replaced", item: question },
      { type: "error", message: "You have reached the message limit." },
    ]);
  });
});
