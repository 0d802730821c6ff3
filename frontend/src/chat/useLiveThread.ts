import type { Attachment, UserMessageContent } from "@openai/chatkit";
import type { UseChatKitOptions, UseChatKitReturn } from "@openai/chatkit-react";
import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import { createSend } from "../api/send";
import { CatchUp, type RunMessage } from "./catchUp";
import { createChatFetch } from "./chatFetch";
import { ShownThreads } from "./shownItems";
import type { ConnectionMonitor } from "./useConnectionStatus";
import { useTabSync } from "./useTabSync";
import { useThreadMemory } from "./useThreadMemory";

/** A message that the server has not accepted. It goes to the next element if this one fails. */
export type Draft = { content: UserMessageContent[]; attachments: Attachment[] } | undefined;

interface Options {
  userId: string;
  draft: RefObject<Draft>;
  connection: ConnectionMonitor;
  renew: () => Promise<boolean>;
  /** `everywhere`: the other tabs do not notice the change by themselves. */
  onTasksChanged: (everywhere: boolean) => void;
}

/**
 * Keeps the chat's open thread in sync across tabs and devices. It shows other tabs' answers while
 * they are written and everything missed without a connection, and can stop answers started
 * elsewhere.
 *
 * Returns the options for `useChatKit`, a ref `chat` for its methods, and the handler for Stop.
 */
export function useLiveThread({ userId, draft, connection, renew, onTasksChanged }: Options) {
  const memory = useThreadMemory(userId);
  const chat = useRef<Omit<UseChatKitReturn, "control">>(null);
  const latest = useRef(onTasksChanged);
  latest.current = onTasksChanged;

  const tell = useTabSync<RunMessage>(`taskchat.runs.${userId}`, {
    onMessage: (message) => live.catchUp.heard(message),
    onFocus: () => live.catchUp.request(),
  });
  const [live] = useState(() => {
    const shown = new ShownThreads();
    const own = new Set<string>();
    const stopped = new Set<string>();
    const catchUp = new CatchUp(
      () => chat.current,
      () => memory.current.current,
      (threadId) => shown.of(threadId).asks,
    );
    const fetch = createChatFetch({
      renew,
      connection,
      shown,
      onRunStart: (threadId, run) => {
        draft.current = undefined;
        own.add(threadId);
        tell({ threadId, run, phase: "started" });
      },
      onRunEnd: (threadId, run) => {
        own.delete(threadId);
        tell({ threadId, run, phase: "ended" });
      },
      onActed: () => latest.current(true),
      onFollowed: (threadId, whole) => {
        catchUp.followed(threadId, whole);
        if (stopped.delete(threadId)) showKept(threadId);
      },
      onStopped: showKept,
      onRefused: (content, attachments) => {
        draft.current = { content: content as UserMessageContent[], attachments };
        void chat.current?.setComposerValue(draft.current);
      },
      onRetryRefused: catchUp.request,
      onThreadMissing: (threadId) => {
        memory.forget(threadId);
        void chat.current?.setThreadId(null);
      },
    });
    return { own, stopped, catchUp, fetch, shown };

    /** After Stop, the element shows less of the answer than the server has stored. */
    function showKept(threadId: string): void {
      shown.of(threadId).doubt();
      catchUp.request();
    }
  });
  const { catchUp, shown, own, stopped } = live;
  useEffect(() => connection.onReturn(catchUp.request), [connection, catchUp]);

  const options = {
    initialThread: memory.initialThread,
    onReady: () => {
      if (draft.current) void chat.current?.setComposerValue(draft.current);
    },
    onThreadChange: ({ threadId }) => {
      memory.remember(threadId);
      if (threadId && !own.has(threadId)) catchUp.request();
    },
    onThreadLoadStart: () => {
      catchUp.loads();
    },
    onThreadLoadEnd: ({ threadId }) => {
      shown.loaded(threadId);
      catchUp.loaded();
    },
    onResponseStart: () => {
      catchUp.responding = true;
    },
    onResponseEnd: () => {
      catchUp.responding = false;
    },
    onEffect: ({ name }) =>
      name === "tasks.changed" && latest.current(!catchUp.isFollowing(memory.current.current)),
  } satisfies Partial<UseChatKitOptions>;

  /** Stops an answer that is only followed, because the element has no request to abort for it. */
  const onStop = useCallback(() => {
    const threadId = memory.current.current;
    if (!threadId || own.has(threadId) || !catchUp.isFollowing(threadId)) return;
    stopped.add(threadId);
    const run = `/api/threads/${encodeURIComponent(threadId)}/run`;
    void createSend({ renew, connection })(run, { method: "DELETE" }).catch(() => undefined);
  }, [catchUp, own, stopped, memory.current, renew, connection]);

  return { chat, fetch: live.fetch, options, onStop };
}
