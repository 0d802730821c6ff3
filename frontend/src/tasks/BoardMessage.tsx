import { Icon } from "../ui/icons";

const WORDS = {
  "empty-open": ["All clear", "Add a task above, or ask the assistant to."],
  "empty-done": ["Nothing done yet", "Tasks that you complete are kept here."],
  "empty-all": ["No tasks yet", "Add your first one above, or ask the assistant to."],
  "nothing-found": ["Nothing matches", "No task fits these filters."],
  error: ["Your tasks could not be loaded", "Nothing is lost. Try again in a moment."],
} as const;

const ICONS = {
  "empty-open": "check",
  "empty-done": "list",
  "empty-all": "list",
  "nothing-found": "search",
  error: "alert",
} as const;

type Props =
  | { kind: "loading" }
  | { kind: keyof typeof WORDS; onRetry?: () => void; onClear?: () => void };

/** A message in place of the list: loading, empty or failed. */
export function BoardMessage(props: Props) {
  if (props.kind === "loading") {
    return (
      <div className="skeleton" aria-hidden="true">
        {[62, 44, 71, 38, 55].map((width) => (
          <div
            key={width}
            className="skeleton-row"
            style={{ ["--width" as string]: `${width}%` }}
          />
        ))}
      </div>
    );
  }
  const [title, text] = WORDS[props.kind];
  return (
    <div className="board-message" role={props.kind === "error" ? "alert" : undefined}>
      <span className="board-message-icon" data-kind={props.kind}>
        <Icon name={ICONS[props.kind]} size={22} />
      </span>
      <p className="board-message-title">{title}</p>
      <p>{text}</p>
      {props.kind === "error" && (
        <button type="button" className="button" onClick={props.onRetry}>
          Try again
        </button>
      )}
      {props.kind === "nothing-found" && (
        <button type="button" className="button" onClick={props.onClear}>
          Clear filters
        </button>
      )}
    </div>
  );
}
