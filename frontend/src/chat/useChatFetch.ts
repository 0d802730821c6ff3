import { useRef, useState } from "react";
import { type ChatFetchOptions, createChatFetch } from "./chatFetch";

/** One `chatFetch` for the component's life, that calls the callbacks of the latest rendering. */
export function useChatFetch(options: ChatFetchOptions): typeof fetch {
  const latest = useRef(options);
  latest.current = options;
  const [chatFetch] = useState(() =>
    createChatFetch({
      ...options,
      onRunStart: (threadId) => latest.current.onRunStart?.(threadId),
      onRunEnd: (threadId) => latest.current.onRunEnd?.(threadId),
      onRefused: (content) => latest.current.onRefused?.(content),
      onThreadMissing: (threadId) => latest.current.onThreadMissing?.(threadId),
    }),
  );
  return chatFetch;
}
