import { useCallback, useMemo, useRef } from "react";

/**
 * Remembers which thread is open. Each tab remembers its own across reloads. A new tab starts with
 * the thread that was opened last in any tab.
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
      // An empty string means the start screen. Without it, the tab would open another tab's
      // thread.
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
