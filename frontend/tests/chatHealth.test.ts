import type { OpenAIChatKit } from "@openai/chatkit";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { watchHealth } from "../src/chat/chatHealth";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** An element whose frame answers a command as the test says. */
function watched(answer: () => Promise<void>) {
  const element = document.createElement("div") as unknown as OpenAIChatKit;
  element.attachShadow({ mode: "open" }).append(document.createElement("iframe"));
  const hideHistory = vi.fn(answer);
  Object.assign(element, { hideHistory });
  const onDead = vi.fn();
  const end = watchHealth(element, onDead);
  const fail = (name: string) => {
    const error = Object.assign(new Error(name), { name });
    element.dispatchEvent(new CustomEvent("chatkit.error", { detail: { error } }));
  };
  return { element, hideHistory, onDead, end, fail };
}

const alive = async () => {};
const silent = () => new Promise<void>(() => {});

describe("OpenAI's element", () => {
  it("is well where its frame answers, also with a refusal", async () => {
    for (const answer of [alive, () => Promise.reject(new Error("not available"))]) {
      const { onDead } = watched(answer);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(onDead).not.toHaveBeenCalled();
    }
  });

  it("is given up where its frame does not answer within seconds, once", async () => {
    const { onDead } = watched(silent);
    await vi.advanceTimersByTimeAsync(7_000);
    expect(onDead).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(onDead.mock.calls).toEqual([["silent"]]);
  });

  it("is asked again when the page is looked at", async () => {
    const { hideHistory, onDead } = watched(alive);
    await vi.advanceTimersByTimeAsync(1_000);
    hideHistory.mockImplementation(silent);
    dispatchEvent(new Event("focus"));
    dispatchEvent(new Event("focus"));
    expect(hideHistory).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(onDead.mock.calls).toEqual([["silent"]]);
  });

  it("is given up where the domain check takes its frame away", async () => {
    const { element, onDead, fail } = watched(alive);
    await vi.advanceTimersByTimeAsync(1_000);
    fail("IntegrationError");
    element.shadowRoot?.replaceChildren();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(onDead.mock.calls).toEqual([["removed"]]);
  });

  it("does not take its options where it fails before it answers", async () => {
    const { onDead, fail } = watched(silent);
    fail("FatalAppError");
    expect(onDead.mock.calls).toEqual([["options"]]);
  });

  it("may fail at something without being given up", async () => {
    const { onDead, fail } = watched(alive);
    await vi.advanceTimersByTimeAsync(1_000);
    for (const name of ["FatalAppError", "StreamError", "HttpError"]) fail(name);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(onDead).not.toHaveBeenCalled();
  });

  it("is not watched any more when it is gone", async () => {
    const { end, onDead } = watched(silent);
    end();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(onDead).not.toHaveBeenCalled();
  });
});
