import type { ChatKitOptions } from "@openai/chatkit";
import { ChatIcon } from "./icons";

interface Props {
  options: ChatKitOptions;
  title: string | null;
  /** Whether the history is open. */
  history: boolean;
  onNew: () => void;
  onHistory: (open: boolean) => void;
}

/** The thread's title or the options' text, with buttons for new and earlier threads. */
export function Head({ options, title, history, onNew, onHistory }: Props) {
  const { enabled = true, text } = options.header?.title ?? {};
  return (
    <header className="head">
      {enabled ? (
        <h2 className="title">{text ?? title ?? "New conversation"}</h2>
      ) : (
        <span className="title" />
      )}
      <button type="button" className="small-button" aria-label="New conversation" onClick={onNew}>
        <ChatIcon name="compose" />
      </button>
      {options.history?.enabled !== false && (
        <button
          type="button"
          className="small-button"
          aria-label="Earlier conversations"
          aria-expanded={history}
          onClick={() => onHistory(!history)}
        >
          <ChatIcon name="history" />
        </button>
      )}
    </header>
  );
}
