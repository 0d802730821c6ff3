import type { ColorScheme } from "@openai/chatkit";
import { useChatKit } from "@openai/chatkit-react";
import type { RefObject } from "react";
import type { Session } from "../api/session";
import type { TasksApi } from "../api/tasks";
import { appearance } from "./appearance";
import { ChatElement } from "./ChatElement";
import type { Death } from "./chatHealth";
import type { ChatSource } from "./loadChatKit";
import type { ConnectionMonitor } from "./useConnectionStatus";
import { type Draft, useLiveThread } from "./useLiveThread";
import { useTaskMentions } from "./useTaskMentions";

interface Props {
  session: Session;
  tasks: TasksApi;
  connection: ConnectionMonitor;
  scheme: ColorScheme;
  source: ChatSource;
  draft: RefObject<Draft>;
  renew: () => Promise<boolean>;
  onTasksChanged: (everywhere: boolean) => void;
  onTaskOpen: (id: string) => void;
  onDead: (death: Death) => void;
}

/** The chat with the assistant: ChatKit's UI with our backend. */
export function TaskChat({ session, tasks, scheme, source, onTaskOpen, onDead, ...live }: Props) {
  const { chat, fetch, options, onStop } = useLiveThread({ ...live, userId: session.user.id });
  const { control, ...methods } = useChatKit({
    ...appearance(scheme, session),
    ...options,
    api: {
      url: session.chatkit.url,
      domainKey: session.chatkit.domain_key,
      fetch,
      ...(session.attachments ? { uploadStrategy: { type: "two_phase" } } : {}),
    },
    entities: useTaskMentions(tasks, onTaskOpen),
  });
  chat.current = methods;

  return <ChatElement control={control} source={source} onStop={onStop} onDead={onDead} />;
}
