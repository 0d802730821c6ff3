import { useCallback, useMemo, useRef } from "react";

/**
 * Remembers which thread is open: each tab its own, over reloads; a new tab starts with the one
 * opened last in any of them.
 */
export function useThreadMemory(userId: string) {
  const key = `taskchat.thread.${userId}`;
  const initialThread = useMemo(
    () => sessionStorage.getItem(key) ?? localStorage.getItem(key),
    [key],
  );
  const current = useRef(initialThread || null);

  const remember = useCallback(
    (threadId: string | null) => {
      current.current = threadId;
      // An empty text is a choice too: the start screen, and not the thread of another tab.
      sessionStorage.setItem(key, threadId ?? "");
      if (threadId) localStorage.setItem(key, threadId);
    },
    [key],
  );
  const forget = useCallback(
    (threadId: string) => {
      if (localStorage.getItem(key) === threadId) localStorage.removeItem(key);
    },
    [key],
  );

  return { initialThread: initialThread || null, current, remember, forget };
}
