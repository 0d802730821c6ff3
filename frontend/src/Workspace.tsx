import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { AccountMenu } from "./account/AccountMenu";
import { createSend } from "./api/send";
import type { Session } from "./api/session";
import { createTasksApi, type Task } from "./api/tasks";
import { ChatPanel } from "./chat/ChatPanel";
import { type ConnectionMonitor, useConnectionStatus } from "./chat/useConnectionStatus";
import { useTabSync } from "./chat/useTabSync";
import { TaskBoard } from "./tasks/TaskBoard";
import { TASKS_KEY } from "./tasks/taskCache";
import { Brand } from "./ui/Brand";
import { ConnectionBadge } from "./ui/ConnectionBadge";
import { Icon } from "./ui/icons";
import { useNotify } from "./ui/toasts";
import { useCoalesced } from "./ui/useCoalesced";
import { useScheme } from "./ui/useScheme";

interface Props {
  session: Session;
  connection: ConnectionMonitor;
  renew: () => Promise<boolean>;
  onSignOut: () => Promise<void>;
  /** Called when the account and the session are deleted. */
  onDeleted: () => Promise<void>;
}

type View = "tasks" | "chat";

/** The signed-in page: dashboard and chat, side by side or, on a phone, one at a time. */
export function Workspace({ session, connection, renew, onSignOut, onDeleted }: Props) {
  const [scheme, toggleScheme] = useScheme();
  const [view, setView] = useState<View>("tasks");
  const [opened, setOpened] = useState<Task>();
  const client = useQueryClient();
  const notify = useNotify();
  const send = useMemo(() => createSend({ renew, connection }), [renew, connection]);
  const tasks = useMemo(() => createTasksApi(send), [send]);

  const refresh = useCoalesced(
    useCallback(() => void client.invalidateQueries({ queryKey: [TASKS_KEY] }), [client]),
  );
  const tellTabs = useTabSync<"tasks.changed">(`taskchat.${session.user.id}`, {
    onMessage: refresh,
    onFocus: refresh,
  });
  useEffect(() => connection.onReturn(refresh), [connection, refresh]);

  const tellTasksChanged = useCallback(() => tellTabs("tasks.changed"), [tellTabs]);
  const changedByAssistant = useCallback(
    (everywhere: boolean) => {
      refresh();
      if (everywhere) tellTasksChanged();
    },
    [refresh, tellTasksChanged],
  );
  const openTask = useCallback(
    (id: string) => {
      tasks.get(id).then(
        (task) => {
          setView("tasks");
          setOpened(task);
        },
        () => notify({ text: "This task no longer exists.", tone: "danger" }),
      );
    },
    [tasks, notify],
  );

  return (
    <div className="workspace" data-view={view}>
      <header className="top">
        <Brand />
        <ConnectionBadge status={useConnectionStatus(connection)} />
        <span className="spacer" />
        <AccountMenu user={session.user} send={send} onDeleted={() => void onDeleted()} />
        <button
          type="button"
          className="icon-button"
          aria-label={scheme === "dark" ? "Light appearance" : "Dark appearance"}
          onClick={toggleScheme}
        >
          <Icon name={scheme === "dark" ? "sun" : "moon"} />
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label="Sign out"
          onClick={() => void onSignOut()}
        >
          <Icon name="signOut" />
        </button>
      </header>
      <main className="panels">
        <TaskBoard api={tasks} onChanged={tellTasksChanged} opened={opened} onOpen={setOpened} />
        <ChatPanel
          session={session}
          tasks={tasks}
          connection={connection}
          scheme={scheme}
          renew={renew}
          onTasksChanged={changedByAssistant}
          onTaskOpen={openTask}
        />
      </main>
      <nav className="views" aria-label="Views">
        <ViewButton view="tasks" current={view} onChoose={setView} />
        <ViewButton view="chat" current={view} onChoose={setView} />
      </nav>
    </div>
  );
}

function ViewButton(props: { view: View; current: View; onChoose: (view: View) => void }) {
  const { view, current, onChoose } = props;
  return (
    <button
      type="button"
      aria-current={view === current ? "page" : undefined}
      onClick={() => onChoose(view)}
    >
      <Icon name={view === "tasks" ? "list" : "chat"} size={20} />
      {view === "tasks" ? "Tasks" : "Assistant"}
    </button>
  );
}
