import { act, renderHook } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { useCatchUp } from "../src/chat/useCatchUp";

function caughtUp(thread: string | null = "thr_1") {
  const chat = {
    fetchUpdates: vi.fn(async () => {}),
    sendCustomAction: vi.fn(async () => {}),
  };
  const { result } = renderHook(() => useCatchUp({ current: chat }, { current: thread }));
  return { chat, ...result.current };
}

describe("catching up", () => {
  it("reads the thread again and follows its run", async () => {
    const { chat, catchUp } = caughtUp();
    await act(() => catchUp());
    expect(chat.fetchUpdates).toHaveBeenCalledTimes(1);
    expect(chat.sendCustomAction).toHaveBeenCalledWith({ type: "run.follow", payload: {} });
  });

  it("only follows what was just loaded", async () => {
    const { chat, catchUp } = caughtUp();
    await act(() => catchUp({ fetched: true }));
    expect(chat.fetchUpdates).not.toHaveBeenCalled();
    expect(chat.sendCustomAction).toHaveBeenCalledTimes(1);
  });

  it("has nothing to do on the start screen", async () => {
    const { chat, catchUp } = caughtUp(null);
    await act(() => catchUp());
    expect(chat.fetchUpdates).not.toHaveBeenCalled();
  });

  it("waits for the end of this tab's own answer", async () => {
    const { chat, catchUp, setResponding } = caughtUp();
    act(() => setResponding(true));
    await act(() => catchUp());
    expect(chat.fetchUpdates).not.toHaveBeenCalled();
    await act(async () => setResponding(false));
    expect(chat.fetchUpdates).toHaveBeenCalledTimes(1);
  });

  it("is done once more for all that was asked while it was being done", async () => {
    const { chat, catchUp } = caughtUp();
    let followed!: () => void;
    chat.sendCustomAction.mockImplementationOnce(() => new Promise((end) => (followed = end)));
    const first = catchUp();
    await vi.waitFor(() => expect(chat.sendCustomAction).toHaveBeenCalledTimes(1));
    await catchUp();
    await catchUp();
    followed();
    await act(() => first);
    await vi.waitFor(() => expect(chat.fetchUpdates).toHaveBeenCalledTimes(2));
  });

  it("survives a refusal of ChatKit's", async () => {
    const { chat, catchUp } = caughtUp();
    chat.fetchUpdates.mockRejectedValueOnce(new Error("streaming"));
    await act(() => catchUp());
    await act(() => catchUp());
    expect(chat.sendCustomAction).toHaveBeenCalledTimes(1);
  });
});
