import { describe, expect, it, vi } from "vitest";
import { CatchUp } from "../src/chat/catchUp";
import { later } from "./support/backend";

const FOLLOW = { type: "run.follow", payload: {} };

/** An element whose actions end when the test says so. */
function busyChat(thread: string | null = "thr_1") {
  const ends: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const sendCustomAction = vi.fn(
    () => new Promise<void>((resolve, reject) => ends.push({ resolve, reject })),
  );
  const fetchUpdates = vi.fn(async () => {});
  const place = { thread, asks: false };
  const catchUp = new CatchUp(
    () => ({ sendCustomAction, fetchUpdates }),
    () => place.thread,
    () => place.asks,
  );
  const end = async () => {
    ends.shift()?.resolve();
    await later();
  };
  const refuse = async () => {
    ends.shift()?.reject(new Error("already responding"));
    await later();
  };
  return { catchUp, sendCustomAction, fetchUpdates, place, end, refuse };
}

const told = (phase: "started" | "ended", run = "run_1", threadId = "thr_1") => ({
  threadId,
  run,
  phase,
});

describe("catching up", () => {
  it("is one action, which asks for the run", async () => {
    const { catchUp, sendCustomAction, end } = busyChat();
    catchUp.request();
    await end();
    expect(sendCustomAction.mock.calls).toEqual([[FOLLOW]]);
  });

  it("has nothing to do on the start screen", () => {
    const { catchUp, sendCustomAction } = busyChat(null);
    catchUp.request();
    expect(sendCustomAction).not.toHaveBeenCalled();
  });

  it.each(["responding", "loading"])("waits while the element is %s", async (state) => {
    const { catchUp, sendCustomAction } = busyChat();
    if (state === "loading") catchUp.loads();
    else catchUp.responding = true;
    catchUp.request();
    catchUp.request();
    expect(sendCustomAction).not.toHaveBeenCalled();
    if (state === "loading") catchUp.loaded();
    else catchUp.responding = false;
    expect(sendCustomAction).toHaveBeenCalledTimes(1);
  });

  it("loads the thread anew where a question is open that another tab may have answered", async () => {
    vi.useFakeTimers();
    const { catchUp, fetchUpdates, place, refuse } = busyChat();
    const refused = async () => {
      const done = refuse();
      await vi.advanceTimersByTimeAsync(5_000);
      await done;
    };
    place.asks = true;
    catchUp.loaded();
    await refused();
    expect(fetchUpdates).not.toHaveBeenCalled();
    catchUp.request();
    catchUp.request();
    await refused();
    await vi.advanceTimersByTimeAsync(200);
    expect(fetchUpdates).toHaveBeenCalledTimes(1);
    // The question is still open: the load that was asked for leads to no other.
    catchUp.loads();
    catchUp.loaded();
    await refused();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(fetchUpdates).toHaveBeenCalledTimes(1);
    vi.useRealTimers();
  });

  it("is done once more for all that was asked for meanwhile", async () => {
    const { catchUp, sendCustomAction, end } = busyChat();
    for (let time = 0; time < 4; time++) catchUp.request();
    await end();
    await end();
    await end();
    expect(sendCustomAction).toHaveBeenCalledTimes(2);
  });

  it("of one thread does not wait for that of another", () => {
    const { catchUp, sendCustomAction, place } = busyChat();
    catchUp.request();
    place.thread = "thr_2";
    catchUp.request();
    expect(sendCustomAction).toHaveBeenCalledTimes(2);
  });

  it("that was refused is tried again when the element is free, and then no more", async () => {
    const { catchUp, sendCustomAction, refuse } = busyChat();
    catchUp.request();
    await refuse();
    expect(sendCustomAction).toHaveBeenCalledTimes(1);
    for (let time = 0; time < 9; time++) {
      catchUp.responding = true;
      catchUp.responding = false;
      await refuse();
    }
    expect(sendCustomAction).toHaveBeenCalledTimes(3);
  });

  it("leads to no other, whatever the element tells of it", async () => {
    const { catchUp, sendCustomAction, end } = busyChat();
    catchUp.request();
    for (let time = 0; time < 9; time++) {
      catchUp.responding = true;
      catchUp.responding = false;
    }
    await end();
    catchUp.responding = false;
    expect(sendCustomAction).toHaveBeenCalledTimes(1);
  });
});

describe("what another tab tells", () => {
  it("of an answer is followed, and its end is no news then", async () => {
    const { catchUp, sendCustomAction, end } = busyChat();
    catchUp.heard(told("started"));
    catchUp.heard(told("ended"));
    catchUp.followed("thr_1", true);
    await end();
    catchUp.heard(told("ended"));
    expect(sendCustomAction).toHaveBeenCalledTimes(1);
  });

  it("of an end is news where the answer was not followed to it", async () => {
    const { catchUp, sendCustomAction, end } = busyChat();
    catchUp.heard(told("started"));
    catchUp.heard(told("ended"));
    catchUp.followed("thr_1", false);
    await end();
    expect(sendCustomAction).toHaveBeenCalledTimes(2);
    await end();
    catchUp.heard(told("ended", "a click"));
    expect(sendCustomAction).toHaveBeenCalledTimes(3);
  });

  it("of a thread that is not open is left for when it is opened", () => {
    const { catchUp, sendCustomAction } = busyChat();
    catchUp.heard(told("started", "run_1", "thr_2"));
    expect(sendCustomAction).not.toHaveBeenCalled();
  });
});
