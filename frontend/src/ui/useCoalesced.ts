import { useCallback, useEffect, useRef } from "react";

const WAIT_MS = 100;

/** Merges calls in quick succession: one change is often reported several times. */
export function useCoalesced(call: () => void): () => void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback(() => {
    clearTimeout(timer.current);
    timer.current = setTimeout(call, WAIT_MS);
  }, [call]);
}
