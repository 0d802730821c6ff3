import {
  type FocusEvent,
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useRef,
  useState,
} from "react";
import { Icon, type IconName } from "./icons";

export interface MenuItem {
  label: string;
  icon: IconName;
  danger?: boolean;
  onSelect: () => void;
}

interface Props {
  /** The accessible name of the button and the menu. */
  label: string;
  button: ReactNode;
  /** Content above the items that is not an item itself. */
  heading: ReactNode;
  items: MenuItem[];
}

/**
 * A button with a menu that follows the menu button pattern of the ARIA Authoring Practices: arrow
 * keys, Home and End move, Escape and Tab close, and the focus returns to the button.
 */
export function Menu({ label, button, heading, items }: Props) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const trigger = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const startAt = useRef<"first" | "last">("first");

  useEffect(() => {
    if (open)
      entriesOf(menu.current)
        .at(startAt.current === "first" ? 0 : -1)
        ?.focus();
  }, [open]);

  function show(at: "first" | "last") {
    startAt.current = at;
    setOpen(true);
  }

  function close() {
    setOpen(false);
    trigger.current?.focus();
  }

  function onTriggerKey(event: KeyboardEvent) {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    show(event.key === "ArrowDown" ? "first" : "last");
  }

  function onMenuKey(event: KeyboardEvent) {
    const all = entriesOf(menu.current);
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      all.at(to % all.length)?.focus();
    } else if (event.key === "Escape" || event.key === "Tab") {
      if (event.key === "Escape") event.preventDefault();
      close();
    }
  }

  function onBlur(event: FocusEvent<HTMLDivElement>) {
    if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false);
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only detects when the focus leaves
    <div className="menu" onBlur={onBlur}>
      <button
        ref={trigger}
        type="button"
        className="menu-button"
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        // In browsers where a click does not focus buttons, the blur would close the menu, and the
        // click would open it again.
        onPointerDown={(event) => open && event.preventDefault()}
        onClick={() => (open ? close() : show("first"))}
        onKeyDown={onTriggerKey}
      >
        {button}
      </button>
      {open && (
        <div className="menu-panel" tabIndex={-1}>
          {heading}
          <div
            ref={menu}
            id={id}
            role="menu"
            aria-label={label}
            tabIndex={-1}
            onKeyDown={onMenuKey}
          >
            {items.map((item) => (
              <button
                key={item.label}
                type="button"
                role="menuitem"
                tabIndex={-1}
                className="menu-item"
                data-danger={item.danger || undefined}
                onClick={() => {
                  close();
                  item.onSelect();
                }}
              >
                <Icon name={item.icon} />
                {item.label}
              </button>
            ))}
          </div>
        </div>
      )}
    </div>
  );
}

const entriesOf = (menu: HTMLElement | null) => [...(menu?.querySelectorAll("button") ?? [])];
