import { type CSSProperties, type ReactNode, useState } from "react";
import { ChatIcon } from "./icons";
import { Markdown } from "./Markdown";
import type { ActionConfig, WidgetNode } from "./protocol";

interface Props {
  root: WidgetNode;
  /** An action of this widget is being done. */
  busy: boolean;
  onAction: (action: ActionConfig) => void;
}

/** A widget as our server sends them: cards and lists of rows, texts, badges, icons and buttons. */
export function Widget({ root, busy, onAction }: Props) {
  return (
    <fieldset className="widget" disabled={busy} aria-busy={busy}>
      <Component node={root} onAction={onAction} />
    </fieldset>
  );
}

type Member = { node: WidgetNode; onAction: Props["onAction"] };

function Component({ node, onAction }: Member): ReactNode {
  switch (node.type) {
    case "Card":
      return <Card node={node} onAction={onAction} />;
    case "ListView":
      return <ListView node={node} onAction={onAction} />;
    case "ListViewItem":
      return <ListItem node={node} onAction={onAction} />;
    case "Basic":
    case "Col":
    case "Box":
    case "Row":
    case "Form":
    case "Transition":
      return <Box node={node} onAction={onAction} />;
    case "Text":
    case "Title":
    case "Caption":
      return <Words node={node} />;
    case "Markdown":
      return <Markdown text={text(node, "value")} />;
    case "Badge":
      return (
        <span className="badge" data-color={text(node, "color")}>
          {text(node, "label")}
        </span>
      );
    case "Icon":
      return (
        <span className="widget-icon" data-color={text(node, "color")}>
          <ChatIcon name={text(node, "name")} />
        </span>
      );
    case "Button":
      return <ActionButton node={node} onAction={onAction} />;
    case "Divider":
      return <hr />;
    case "Spacer":
      return <span className="widget-spacer" />;
    default:
      return <Children node={node} onAction={onAction} />;
  }
}

function Children({ node, onAction }: Member): ReactNode {
  return childrenOf(node).map((child, index) => (
    <Component key={child.key ?? child.id ?? index} node={child} onAction={onAction} />
  ));
}

function Card({ node, onAction }: Member) {
  const confirm = cardAction(node.confirm);
  const cancel = cardAction(node.cancel);
  return (
    <div className="card">
      <Status node={node} />
      <Children node={node} onAction={onAction} />
      {(confirm || cancel) && (
        <div className="card-foot">
          {cancel && (
            <button type="button" className="widget-button" onClick={() => onAction(cancel.action)}>
              {cancel.label}
            </button>
          )}
          {confirm && (
            <button
              type="button"
              className="widget-button"
              data-style="primary"
              onClick={() => onAction(confirm.action)}
            >
              {confirm.label}
            </button>
          )}
        </div>
      )}
    </div>
  );
}

const AUTO_LIMIT = 10;

function ListView({ node, onAction }: Member) {
  const [all, setAll] = useState(false);
  const items = childrenOf(node);
  const limit = typeof node.limit === "number" ? node.limit : AUTO_LIMIT;
  const shown = all ? items : items.slice(0, limit);
  return (
    <div className="card card-list">
      <Status node={node} />
      <ul>
        {shown.map((item, index) => (
          <li key={item.key ?? item.id ?? index}>
            <Component node={item} onAction={onAction} />
          </li>
        ))}
      </ul>
      {shown.length < items.length && (
        <button type="button" className="more" onClick={() => setAll(true)}>
          Show {items.length - shown.length} more
        </button>
      )}
    </div>
  );
}

function ListItem({ node, onAction }: Member) {
  const action = readAction(node.onClickAction);
  const content = <Children node={node} onAction={onAction} />;
  return action ? (
    <button type="button" className="list-item" onClick={() => onAction(action)}>
      {content}
    </button>
  ) : (
    <div className="list-item">{content}</div>
  );
}

function Box({ node, onAction }: Member) {
  const row = node.type === "Row" || (node.type === "Box" && node.direction === "row");
  const style: CSSProperties = {
    gap: length(node.gap) ?? (row ? 8 : 4),
    ...(typeof node.flex === "number" ? { flex: node.flex } : {}),
    ...flexStyle(node),
  };
  return (
    <div className={row ? "widget-row" : "widget-col"} style={style}>
      <Children node={node} onAction={onAction} />
    </div>
  );
}

function Words({ node }: { node: WidgetNode }) {
  const lines = typeof node.maxLines === "number" ? node.maxLines : undefined;
  return (
    <span
      className={`widget-${node.type.toLowerCase()}`}
      data-color={text(node, "color") || undefined}
      data-weight={text(node, "weight") || undefined}
      data-through={node.lineThrough === true || undefined}
      data-truncate={node.truncate === true || undefined}
      style={lines ? { WebkitLineClamp: lines, display: "-webkit-box" } : undefined}
    >
      {text(node, "value")}
    </span>
  );
}

function ActionButton({ node, onAction }: Member) {
  const action = readAction(node.onClickAction);
  const icon = text(node, "iconStart");
  const style = node.style === "primary" || node.variant === "solid" ? "primary" : undefined;
  return (
    <button
      type="button"
      className="widget-button"
      data-style={style}
      data-color={text(node, "color") || undefined}
      disabled={node.disabled === true}
      onClick={() => action && onAction(action)}
    >
      {icon && <ChatIcon name={icon} size={15} />}
      {text(node, "label")}
    </button>
  );
}

function Status({ node }: { node: WidgetNode }) {
  const status = node.status as { text?: unknown } | undefined;
  return typeof status?.text === "string" ? <p className="card-status">{status.text}</p> : null;
}

function childrenOf(node: WidgetNode): WidgetNode[] {
  return Array.isArray(node.children) ? node.children : node.children ? [node.children] : [];
}

function text(node: WidgetNode, member: string): string {
  const value = node[member];
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function readAction(value: unknown): ActionConfig | undefined {
  const action = value as ActionConfig | null | undefined;
  return typeof action?.type === "string" ? action : undefined;
}

function cardAction(value: unknown): { label: string; action: ActionConfig } | undefined {
  const given = value as { label?: string; action?: unknown } | null | undefined;
  const action = readAction(given?.action);
  return given?.label && action ? { label: given.label, action } : undefined;
}

const UNIT_PX = 4;

/** A number counts ChatKit's spacing units; of CSS only plain lengths are taken over. */
function length(value: unknown): string | number | undefined {
  if (typeof value === "number") return value * UNIT_PX;
  return typeof value === "string" && /^[\d.]+(px|rem|em|%)$/.test(value) ? value : undefined;
}

const ALIGN: Record<string, string> = { start: "flex-start", end: "flex-end" };
const JUSTIFY: Record<string, string> = {
  ...ALIGN,
  between: "space-between",
  around: "space-around",
  evenly: "space-evenly",
};

function flexStyle(node: WidgetNode): CSSProperties {
  const align = text(node, "align");
  const justify = text(node, "justify");
  return {
    ...(align ? { alignItems: ALIGN[align] ?? align } : {}),
    ...(justify ? { justifyContent: JUSTIFY[justify] ?? justify } : {}),
  };
}
