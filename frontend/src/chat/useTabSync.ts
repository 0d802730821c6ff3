import { useCallback, useEffect, useEffectEvent, useRef } from "react";

interface Handlers<Message> {
  onMessage: (message: Message) => void;
  /** The person returned to the tab. Changes from other devices must be fetched. */
  onFocus?: () => void;
}

const FOCUS_PAUSE_MS = 3_000;

/**
 * Connects the person's tabs in this browser with a `BroadcastChannel` of that name, and calls
 * `onFocus` when they return to this tab. Returns a function that sends a message to the other
 * tabs.
 */
export function useTabSync<Message>(
  name: string,
  handlers: Handlers<Message>,
): (message: Message) => void {
  const channel = useRef<BroadcastChannel>(undefined);
  const onMessage = useEffectEvent(handlers.onMessage);
  const onFocus = useEffectEvent(() => handlers.onFocus?.());

  useEffect(() => {
    const opened = new BroadcastChannel(name);
    opened.onmessage = (event: MessageEvent<Message>) => onMessage(event.data);
    channel.current = opened;
    return () => opened.close();
  }, [name]);

  useEffect(() => {
    let last = performance.now();
    const look = () => {
      if (document.visibilityState !== "visible" || performance.now() - last < FOCUS_PAUSE_MS)
        return;
      last = performance.now();
      onFocus();
    };
    addEventListener("focus", look);
    document.addEventListener("visibilitychange", look);
    return () => {
      removeEventListener("focus", look);
      document.removeEventListener("visibilitychange", look);
    };
  }, []);

  return useCallback((message: Message) => channel.current?.postMessage(message), []);
}
