import { describe, expect, it, vi } from "vitest";
import { eventsOf, json, later, messageBody, openStream } from "./support/backend";
import { chat, streamOf } from "./support/chat";

describe("Stop", () => {
  it("asks the server to end the run, fails the reader as an aborted fetch does, and tells when it has ended", async () => {
    const stream = openStream();
    const onStopped = vi.fn();
    const { post, asked } = chat([stream.response, () => new Response(null, { status: 202 })], {
      onStopped,
    });
    const stop = new AbortController();
    const response = await post(messageBody("thr_1"), stop.signal);
    const reading = response.text();
    stop.abort();
    await expect(reading).rejects.toThrow();
    await vi.waitFor(() => expect(asked).toHaveLength(2));
    expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "POST /api/chatkit",
      "DELETE /api/threads/thr_1/run",
    ]);
    await later(5);
    expect(onStopped).not.toHaveBeenCalled();
    stream.end();
    await vi.waitFor(() => expect(onStopped).toHaveBeenCalledWith("thr_1"));
  });

  it("waits for the name of a thread that is just being made", async () => {
    const stream = openStream();
    const { post, asked } = chat([stream.response, () => new Response(null, { status: 202 })]);
    const stop = new AbortController();
    await post(messageBody(undefined), stop.signal);
    stop.abort();
    await later(5);
    expect(asked).toHaveLength(1);
    stream.send({ type: "thread.created", thread: { id: "thr_new" } });
    await vi.waitFor(() => expect(asked).toHaveLength(2));
    expect(asked[1]?.url).toBe("/api/threads/thr_new/run");
  });

  it("before the server has answered stops the run once it has", async () => {
    const stream = openStream();
    let answer!: (response: Response) => void;
    const { post, asked } = chat([
      () => new Promise((resolve) => (answer = resolve)),
      () => new Response(null, { status: 202 }),
    ]);
    const stop = new AbortController();
    const response = post(messageBody("thr_1"), stop.signal);
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    stop.abort();
    await expect(response).rejects.toThrow();
    answer(stream.response);
    await vi.waitFor(() => expect(asked[1]?.url).toBe("/api/threads/thr_1/run"));
  });

  it("after the end does nothing", async () => {
    const { post, asked } = chat([() => streamOf({ type: "notice" })]);
    const stop = new AbortController();
    await (await post(messageBody("thr_1"), stop.signal)).text();
    stop.abort();
    await later(5);
    expect(asked).toHaveLength(1);
  });
});

describe("a stream that does not end well", () => {
  it("ends with an error event when the connection breaks, without half an event", async () => {
    const stream = openStream();
    const connection = { failed: vi.fn(), succeeded: vi.fn() };
    const { post } = chat([stream.response], { connection });
    const response = await post(messageBody("thr_1"));
    const reading = eventsOf(response);
    stream.send({ type: "notice" });
    stream.sendText('data: {"type": "noti');
    await later();
    stream.break();
    const events = await reading;
    expect(events.map(({ type }) => type)).toEqual(["notice", "error"]);
    expect(events[1]?.message).toContain("connection was lost");
    expect(connection.failed).toHaveBeenCalled();
  });

  it("is left when nothing comes for too long", async () => {
    const stream = openStream();
    const { post } = chat([stream.response], { stallMs: 20 });
    const [error] = await eventsOf(await post(messageBody("thr_1")));
    expect(error?.message).toContain("stalled");
    expect(stream.cancelled).toBe(true);
  });

  it("is kept by heartbeats", async () => {
    const stream = openStream();
    const { post } = chat([stream.response], { stallMs: 60 });
    const reading = eventsOf(await post(messageBody("thr_1")));
    for (let beat = 0; beat < 4; beat++) {
      await later(30);
      stream.sendText(": heartbeat\n\n");
    }
    stream.end();
    expect(await reading).toEqual([]);
  });

  it("ends at once when the browser goes offline", async () => {
    const stream = openStream();
    const { post } = chat([stream.response]);
    const reading = eventsOf(await post(messageBody("thr_1")));
    await later();
    dispatchEvent(new Event("offline"));
    expect((await reading).map(({ type }) => type)).toEqual(["error"]);
  });
});

describe("the other tabs", () => {
  it("hear of an answer's start and end, with the thread that it made", async () => {
    const onRunStart = vi.fn();
    const onRunEnd = vi.fn();
    const stream = streamOf({ type: "thread.created", thread: { id: "thr_new" } });
    const { post } = chat([stream], { onRunStart, onRunEnd });
    await (await post(messageBody(undefined))).text();
    expect(onRunStart.mock.calls).toEqual([["thr_new", expect.any(String)]]);
    expect(onRunEnd.mock.calls).toEqual(onRunStart.mock.calls);
  });

  it("hear of what a button has changed, and so does the list of tasks", async () => {
    const onActed = vi.fn();
    const onRunEnd = vi.fn();
    const { post } = chat([json({ updated_item: null })], { onActed, onRunEnd });
    const params = { thread_id: "thr_1", action: { type: "task.complete" } };
    await post(JSON.stringify({ type: "threads.sync_custom_action", params }));
    expect(onActed).toHaveBeenCalledTimes(1);
    expect(onRunEnd.mock.calls).toEqual([["thr_1", expect.any(String)]]);
  });
});
