import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ConnectionMonitor, useConnectionStatus } from "../src/chat/useConnectionStatus";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function goOnline(is: boolean) {
  vi.spyOn(navigator, "onLine", "get").mockReturnValue(is);
  dispatchEvent(new Event(is ? "online" : "offline"));
}

function monitored(probe: () => Promise<boolean>) {
  const monitor = new ConnectionMonitor(probe, () => 1);
  const { result } = renderHook(() => useConnectionStatus(monitor));
  return { monitor, status: () => result.current };
}

describe("the connection's status", () => {
  it("is offline as soon as the browser says so, and online once the backend answers", async () => {
    const probe = vi.fn(async () => true);
    const { status } = monitored(probe);
    act(() => goOnline(false));
    expect(status()).toBe("offline");
    act(() => goOnline(true));
    expect(status()).toBe("reconnecting");
    await act(() => vi.advanceTimersByTimeAsync(0));
    expect(status()).toBe("online");
    expect(probe).toHaveBeenCalledTimes(1);
  });

  it("is reconnecting after a failed request, and probes at growing intervals", async () => {
    const probe = vi.fn(async () => false);
    const { monitor, status } = monitored(probe);
    act(() => monitor.failed());
    expect(status()).toBe("reconnecting");
    const times: number[] = [];
    for (let second = 0; second < 40; second++) {
      const before = probe.mock.calls.length;
      await act(() => vi.advanceTimersByTimeAsync(1_000));
      if (probe.mock.calls.length > before) times.push(second);
    }
    expect(probe.mock.calls.length).toBeLessThan(10);
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(gaps.at(-1)).toBeGreaterThan(gaps[0] ?? 0);
  });

  it("comes back with any request that succeeds", () => {
    const { monitor, status } = monitored(async () => false);
    act(() => monitor.failed());
    act(() => monitor.succeeded());
    expect(status()).toBe("online");
  });

  it("tells of each return once", async () => {
    const { monitor } = monitored(async () => true);
    const returned = vi.fn();
    monitor.onReturn(returned);
    act(() => monitor.succeeded());
    expect(returned).not.toHaveBeenCalled();
    act(() => monitor.failed());
    act(() => monitor.failed());
    await act(() => vi.advanceTimersByTimeAsync(1_000));
    expect(returned).toHaveBeenCalledTimes(1);
  });

  it("does not probe faster and faster when each return is followed by a failure", async () => {
    const probe = vi.fn(async () => true);
    const { monitor } = monitored(probe);
    monitor.onReturn(() => setTimeout(() => monitor.failed(), 10));
    act(() => monitor.failed());
    await act(() => vi.advanceTimersByTimeAsync(60_000));
    expect(probe.mock.calls.length).toBeLessThan(14);
  });
});
