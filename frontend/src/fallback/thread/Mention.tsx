import type { EntitiesOption, Entity, UserMessageContent } from "@openai/chatkit";
import { type CSSProperties, useEffect, useId, useRef, useState } from "react";
import type { WidgetNode } from "../protocol";
import { Widget } from "../Widget";

const HOVER_MS = 200;
const MARGIN_PX = 8;
const WIDTH_PX = 280;

type Tag = Extract<UserMessageContent, { type: "input_tag" }>;

interface Props {
  tag: Tag;
  option: EntitiesOption;
}

/** A mention in a sent message. A click opens its task, and hovering shows a preview. */
export function Mention({ tag, option }: Props) {
  const entity = toEntity(tag);
  const { onClick, onRequestPreview } = option;
  const preview = usePreview(tag.interactive ? onRequestPreview : undefined, entity);
  const id = useId();
  if (!tag.interactive || !(onClick || onRequestPreview)) {
    return <span className="mention">@{tag.text}</span>;
  }
  return (
    <>
      <button
        type="button"
        className="mention"
        aria-describedby={preview.shown ? id : undefined}
        onClick={() => {
          preview.close();
          onClick?.(entity);
        }}
        {...preview.handlers}
      >
        @{tag.text}
      </button>
      {preview.shown && (
        <span id={id} role="tooltip" className="preview" style={preview.shown.style}>
          <Widget root={preview.shown.widget} busy={false} onAction={async () => {}} />
        </span>
      )}
    </>
  );
}

function toEntity({ id, text, group, interactive, data }: Tag): Entity {
  return {
    id,
    title: text,
    ...(group ? { group } : {}),
    interactive: interactive ?? false,
    data: (data ?? {}) as Record<string, string>,
  };
}

function usePreview(request: EntitiesOption["onRequestPreview"], entity: Entity) {
  const [shown, setShown] = useState<{ widget: WidgetNode; style: CSSProperties }>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const wanted = useRef(0);

  function close() {
    clearTimeout(timer.current);
    wanted.current += 1;
    setShown(undefined);
  }
  function open(anchor: HTMLElement) {
    if (!request) return;
    close();
    const turn = wanted.current;
    timer.current = setTimeout(async () => {
      const answer = await request(entity).catch(() => undefined);
      if (turn !== wanted.current || !answer?.preview) return;
      setShown({ widget: answer.preview as unknown as WidgetNode, style: placeNear(anchor) });
    }, HOVER_MS);
  }
  useEffect(() => () => clearTimeout(timer.current), []);

  return {
    shown,
    close,
    handlers: {
      onMouseEnter: (event: React.MouseEvent<HTMLElement>) => open(event.currentTarget),
      onMouseLeave: close,
      onFocus: (event: React.FocusEvent<HTMLElement>) => open(event.currentTarget),
      onBlur: close,
      onKeyDown: (event: React.KeyboardEvent) => event.key === "Escape" && close(),
    },
  };
}

/** Below the anchor or, in the window's lower half, above it. Stays within the chat's width. */
function placeNear(anchor: HTMLElement): CSSProperties {
  const { top, bottom, left } = anchor.getBoundingClientRect();
  const chat = (anchor.closest(".chat") ?? anchor).getBoundingClientRect();
  const width = Math.min(WIDTH_PX, chat.width - 2 * MARGIN_PX);
  return {
    width,
    left: Math.max(chat.left + MARGIN_PX, Math.min(left, chat.right - width - MARGIN_PX)),
    ...(bottom > innerHeight / 2
      ? { bottom: innerHeight - top + MARGIN_PX }
      : { top: bottom + MARGIN_PX }),
  };
}
