import { useCallback, useEffect, useRef } from "react";

const WAIT_MS = 100;

/** Calls once for all calls within a moment: one change is often told of in several ways. */
export function useCoalesced(call: () => void): () => void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback(() => {
    clearTimeout(timer.current);
    timer.current = setTimeout(call, WAIT_MS);
  }, [call]);
}
