import type { Entity } from "@openai/chatkit";
import { type KeyboardEvent, useId, useRef, useState } from "react";
import type { ComposerModel } from "./composerModel";
import { ChatIcon } from "./icons";

const SEARCH_DELAY_MS = 120;
const MENTION = /(?:^|\s)@([^@\n]{0,40})$/;

type Search = ((query: string) => Promise<Entity[]>) | undefined;

/** The list that opens after an `@`: a combobox in ARIA's terms. */
export function useMentions(
  search: Search,
  model: ComposerModel,
  field: React.RefObject<HTMLTextAreaElement | null>,
) {
  const id = useId();
  const [found, setFound] = useState<Entity[]>([]);
  const [active, setActive] = useState(0);
  const range = useRef({ from: 0, to: 0 });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const close = () => {
    clearTimeout(timer.current);
    setFound([]);
  };

  function look(text: string, caret: number) {
    clearTimeout(timer.current);
    const query = MENTION.exec(text.slice(0, caret))?.[1];
    if (query === undefined || !search) return setFound([]);
    range.current = { from: caret - query.length - 1, to: caret };
    timer.current = setTimeout(() => {
      search(query).then(
        (entities) => {
          setFound(entities);
          setActive(0);
        },
        () => setFound([]),
      );
    }, SEARCH_DELAY_MS);
  }

  function choose(entity: Entity) {
    const caret = model.mention(entity, range.current.from, range.current.to);
    close();
    field.current?.focus();
    setTimeout(() => field.current?.setSelectionRange(caret, caret), 30);
  }

  function onKey(event: KeyboardEvent): boolean {
    const chosen = found[active];
    if (!chosen) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setActive((active + step + found.length) % found.length);
    else if (event.key === "Enter" || event.key === "Tab") choose(chosen);
    else if (event.key === "Escape") close();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  const open = found.length > 0;
  const list = open ? (
    <div className="mentions" role="listbox" id={id} aria-label="Tasks">
      {found.map((entity, index) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field, which names the active option
        // biome-ignore lint/a11y/useKeyWithClickEvents: the field handles the keys
        <div
          key={entity.id}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === active}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => choose(entity)}
        >
          <ChatIcon name={entity.icon ?? "dot"} size={16} />
          <span>{entity.title}</span>
          {entity.data?.due && <small>{entity.data.due}</small>}
        </div>
      ))}
    </div>
  ) : null;

  const fieldProps = search
    ? {
        role: "combobox",
        "aria-autocomplete": "list" as const,
        "aria-expanded": open,
        "aria-controls": open ? id : undefined,
        "aria-activedescendant": open ? `${id}-${active}` : undefined,
      }
    : {};
  return { look, onKey, close, list, fieldProps };
}
