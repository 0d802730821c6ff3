import { renderHook } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { useTabSync } from "../src/chat/useTabSync";
import { useThreadMemory } from "../src/chat/useThreadMemory";

const later = () => new Promise((resume) => setTimeout(resume, 20));

describe("tabs of one person", () => {
  it("hear each other and not themselves", async () => {
    const heard = { one: vi.fn(), two: vi.fn(), other: vi.fn() };
    const tab = (name: string, onMessage: (message: string) => void) =>
      renderHook(() => useTabSync<string>(name, { onMessage, onFocus: () => {} }));
    const one = tab("taskchat.alice", heard.one);
    tab("taskchat.alice", heard.two);
    tab("taskchat.bob", heard.other);
    one.result.current("thr_1");
    await later();
    expect(heard.two).toHaveBeenCalledWith("thr_1");
    expect(heard.one).not.toHaveBeenCalled();
    expect(heard.other).not.toHaveBeenCalled();
  });

  it("notice when they are looked at again, but not at every blink", () => {
    const clock = vi.spyOn(performance, "now").mockReturnValue(0);
    const onFocus = vi.fn();
    renderHook(() => useTabSync<string>("taskchat.alice", { onMessage: () => {}, onFocus }));
    dispatchEvent(new Event("focus"));
    expect(onFocus).not.toHaveBeenCalled();
    clock.mockReturnValue(10_000);
    dispatchEvent(new Event("focus"));
    document.dispatchEvent(new Event("visibilitychange"));
    expect(onFocus).toHaveBeenCalledTimes(1);
  });
});

describe("the open thread", () => {
  beforeEach(() => sessionStorage.clear());
  const open = () => renderHook(() => useThreadMemory("alice")).result.current;

  it("is each tab's own after a reload", () => {
    open().remember("thr_mine");
    localStorage.setItem("taskchat.thread.alice", "thr_of_another_tab");
    expect(open().initialThread).toBe("thr_mine");
  });

  it("is the last one of any tab in a new tab", () => {
    open().remember("thr_1");
    sessionStorage.clear();
    expect(open().initialThread).toBe("thr_1");
  });

  it("stays closed where the person chose to start anew", () => {
    open().remember("thr_1");
    open().remember(null);
    expect(open().initialThread).toBeNull();
  });

  it("is forgotten when it is gone, and is another person's never", () => {
    open().remember("thr_1");
    expect(renderHook(() => useThreadMemory("bob")).result.current.initialThread).toBeNull();
    open().forget("thr_1");
    sessionStorage.clear();
    expect(open().initialThread).toBeNull();
  });
});
