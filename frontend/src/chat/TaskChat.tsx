import type { ColorScheme, UserMessageContent } from "@openai/chatkit";
import { ChatKit, type UseChatKitReturn, useChatKit } from "@openai/chatkit-react";
import { useEffect, useRef } from "react";
import type { Session } from "../api/session";
import type { TasksApi } from "../api/tasks";
import { appearance } from "./appearance";
import { useCatchUp } from "./useCatchUp";
import { useChatFetch } from "./useChatFetch";
import type { ConnectionMonitor } from "./useConnectionStatus";
import { useTabSync } from "./useTabSync";
import { useTaskMentions } from "./useTaskMentions";
import { useThreadMemory } from "./useThreadMemory";

interface Props {
  session: Session;
  tasks: TasksApi;
  connection: ConnectionMonitor;
  scheme: ColorScheme;
  renew: () => Promise<boolean>;
  onTasksChanged: () => void;
  onTaskOpen: (id: string) => void;
}

/** The chat with the assistant: ChatKit's own UI, on our backend. */
export function TaskChat({ session, tasks, connection, scheme, renew, ...on }: Props) {
  const memory = useThreadMemory(session.user.id);
  const chat = useRef<UseChatKitReturn>(null);
  const { catchUp, setResponding } = useCatchUp(chat, memory.current);
  const tellTabs = useTabSync<string>(`taskchat.runs.${session.user.id}`, {
    onMessage: (threadId) => threadId === memory.current.current && void catchUp(),
    onFocus: catchUp,
  });
  const { control, ...methods } = useChatKit({
    ...appearance(scheme, session.model),
    api: {
      url: session.chatkit.url,
      domainKey: session.chatkit.domain_key,
      fetch: useChatFetch({
        renew,
        connection,
        onRunStart: tellTabs,
        onRunEnd: tellTabs,
        onRefused: (content) =>
          void chat.current?.setComposerValue({ content: content as UserMessageContent[] }),
        onThreadMissing: (threadId) => {
          memory.forget(threadId);
          void chat.current?.setThreadId(null);
        },
      }),
    },
    initialThread: memory.initialThread,
    entities: useTaskMentions(tasks, on.onTaskOpen),
    onThreadChange: ({ threadId }) => memory.remember(threadId),
    onThreadLoadEnd: () => void catchUp({ fetched: true }),
    onResponseStart: () => setResponding(true),
    onResponseEnd: () => setResponding(false),
    onEffect: ({ name }) => name === "tasks.changed" && on.onTasksChanged(),
  });
  chat.current = { control, ...methods };
  useEffect(() => connection.onReturn(catchUp), [connection, catchUp]);

  return <ChatKit control={control} className="chat" />;
}
