import type { UseChatKitReturn } from "@openai/chatkit-react";
import { type RefObject, useCallback, useRef } from "react";

type Chat = Pick<UseChatKitReturn, "fetchUpdates" | "sendCustomAction">;

/**
 * Brings the open thread up to date, the answer being written included: reads the thread again, then
 * follows its run. A thread without a run ends the following at once.
 */
export function useCatchUp(chat: RefObject<Chat | null>, thread: RefObject<string | null>) {
  const responding = useRef(false);
  const working = useRef(false);
  const again = useRef(false);
  const catchUpRef = useRef<() => Promise<void>>(async () => {});

  const catchUp = useCallback(
    async (options: { fetched?: boolean } = {}) => {
      if (working.current || responding.current) {
        again.current = true;
        return;
      }
      working.current = true;
      again.current = false;
      try {
        if (!thread.current) return;
        if (!options.fetched) await chat.current?.fetchUpdates();
        await chat.current?.sendCustomAction({ type: "run.follow", payload: {} });
      } catch {
        // ChatKit refuses both while it streams, and `again` sees to that; a failing request is
        // the connection's matter, which calls this once more when it is back.
      } finally {
        working.current = false;
      }
      if (again.current && !responding.current) void catchUpRef.current();
    },
    [chat, thread],
  );

  catchUpRef.current = catchUp;

  const setResponding = useCallback(
    (now: boolean) => {
      responding.current = now;
      if (!now && again.current) void catchUp();
    },
    [catchUp],
  );

  return { catchUp, setResponding };
}
