import type { HistoryOption } from "@openai/chatkit";
import { type FormEvent, useEffect, useRef, useState } from "react";
import type { ChatClient } from "./client";
import { ChatIcon } from "./icons";
import type { Thread } from "./protocol";

interface Props {
  client: ChatClient;
  options: HistoryOption;
  current: string | null;
  onOpen: (threadId: string | null) => void;
  onClose: () => void;
}

type State = { kind: "loading" | "failed" } | { kind: "loaded"; after: string | undefined };

export function History({ client, options, current, onOpen, onClose }: Props) {
  const [threads, setThreads] = useState<Thread[]>([]);
  const [state, setState] = useState<State>({ kind: "loading" });
  const [renaming, setRenaming] = useState<string>();
  const panel = useRef<HTMLElement>(null);

  function load(after?: string) {
    client.listThreads(after).then(
      (page) => {
        setThreads((known) => (after ? [...known, ...page.data] : page.data));
        setState({ kind: "loaded", after: page.has_more ? (page.after ?? undefined) : undefined });
      },
      () => setState({ kind: "failed" }),
    );
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it opens
  useEffect(() => {
    load();
    panel.current?.focus();
  }, []);

  async function rename(event: FormEvent<HTMLFormElement>, thread: Thread) {
    event.preventDefault();
    const title = String(new FormData(event.currentTarget).get("title")).trim();
    setRenaming(undefined);
    if (!title) return;
    await client.renameThread(thread.id, title).then(
      () => load(),
      () => setState({ kind: "failed" }),
    );
  }

  async function remove(thread: Thread) {
    try {
      await client.deleteThread(thread.id);
      setThreads((known) => known.filter(({ id }) => id !== thread.id));
      if (thread.id === current) onOpen(null);
    } catch {
      setState({ kind: "failed" });
    }
  }

  return (
    <section
      className="history"
      ref={panel}
      tabIndex={-1}
      aria-label="Earlier conversations"
      onKeyDown={(event) => event.key === "Escape" && onClose()}
    >
      <div className="history-head">
        <h2>Conversations</h2>
        <button type="button" className="small-button" aria-label="Close" onClick={onClose}>
          <ChatIcon name="close" />
        </button>
      </div>
      {state.kind === "loading" && <p className="quiet">Loading…</p>}
      {state.kind === "failed" && (
        <p className="error-line" role="alert">
          The conversations could not be loaded.{" "}
          <button type="button" className="link" onClick={() => load()}>
            Try again
          </button>
        </p>
      )}
      {state.kind === "loaded" && threads.length === 0 && <p className="quiet">None yet.</p>}
      <ul>
        {threads.map((thread) => (
          <li key={thread.id} data-current={thread.id === current}>
            {renaming === thread.id ? (
              <form onSubmit={(event) => void rename(event, thread)}>
                <input
                  name="title"
                  aria-label="Title"
                  defaultValue={thread.title ?? ""}
                  maxLength={200}
                  // biome-ignore lint/a11y/noAutofocus: the person has just asked to edit it
                  autoFocus
                  onBlur={() => setRenaming(undefined)}
                />
              </form>
            ) : (
              <button type="button" className="history-open" onClick={() => onOpen(thread.id)}>
                {thread.title ?? "New conversation"}
              </button>
            )}
            {options.showRename && (
              <button
                type="button"
                className="small-button"
                aria-label={`Rename ${thread.title ?? "conversation"}`}
                onClick={() => setRenaming(thread.id)}
              >
                <ChatIcon name="write" size={16} />
              </button>
            )}
            {options.showDelete && (
              <button
                type="button"
                className="small-button"
                aria-label={`Delete ${thread.title ?? "conversation"}`}
                onClick={() => void remove(thread)}
              >
                <ChatIcon name="trash-2" size={16} />
              </button>
            )}
          </li>
        ))}
      </ul>
      {state.kind === "loaded" && state.after && (
        <button type="button" className="more" onClick={() => load(state.after)}>
          Show more
        </button>
      )}
    </section>
  );
}
