import { type ReactNode, useState } from "react";
import { ChatIcon } from "../icons";
import { Markdown } from "../Markdown";
import type { WidgetNode } from "../protocol";
import { Button, CardButton } from "./Button";
import { useAction } from "./context";
import { ActionForm, useSubmitting } from "./Form";
import { Checkbox, DatePicker, Input, Label, RadioGroup, Select, Textarea } from "./fields";
import { boxStyle, childrenOf, maybe, readAction, readCardAction, text } from "./node";

type Member = { node: WidgetNode };

/** Renders a component by its type. For unknown types, renders the children. */
export function Component({ node }: Member): ReactNode {
  switch (node.type) {
    case "Card":
      return <Card node={node} />;
    case "ListView":
      return <ListView node={node} />;
    case "ListViewItem":
      return <ListItem node={node} />;
    case "Basic":
    case "Col":
    case "Box":
    case "Row":
      return <Box node={node} />;
    case "Form":
      return <Form node={node} />;
    case "Text":
    case "Title":
    case "Caption":
      return <Words node={node} />;
    case "Markdown":
      return <Markdown text={text(node, "value")} />;
    case "Badge":
      return (
        <span className="badge" data-color={maybe(node, "color")}>
          {text(node, "label")}
        </span>
      );
    case "Icon":
      return (
        <span className="widget-icon" data-color={maybe(node, "color")}>
          <ChatIcon name={text(node, "name")} />
        </span>
      );
    case "Button":
      return <Button node={node} />;
    case "Input":
      return <Input node={node} />;
    case "Textarea":
      return <Textarea node={node} />;
    case "Select":
      return <Select node={node} />;
    case "DatePicker":
      return <DatePicker node={node} />;
    case "Checkbox":
      return <Checkbox node={node} />;
    case "RadioGroup":
      return <RadioGroup node={node} />;
    case "Label":
      return <Label node={node} />;
    case "Divider":
      return <hr />;
    case "Spacer":
      return <span className="widget-spacer" />;
    default:
      return <Children node={node} />;
  }
}

/**
 * A child without a key is identified by its type and its position among children of that type. So
 * a form's fields keep their input when a line of text is inserted before them.
 */
function Children({ node }: Member): ReactNode {
  const seen = new Map<string, number>();
  return childrenOf(node).map((child) => {
    const place = seen.get(child.type) ?? 0;
    seen.set(child.type, place + 1);
    return <Component key={child.key ?? child.id ?? `${child.type} ${place}`} node={child} />;
  });
}

function Card({ node }: Member) {
  const confirm = readCardAction(node.confirm);
  const cancel = readCardAction(node.cancel);
  const asForm = node.asForm === true;
  const content = (
    <>
      <Status node={node} />
      <Children node={node} />
      {(confirm || cancel) && (
        <div className="card-foot">
          {cancel && <CardButton {...cancel} />}
          {confirm && (
            <CardButton
              primary
              label={confirm.label}
              action={asForm ? undefined : confirm.action}
            />
          )}
        </div>
      )}
    </>
  );
  return asForm ? (
    <ActionForm className="card" action={confirm?.action}>
      {content}
    </ActionForm>
  ) : (
    <div className="card">{content}</div>
  );
}

const AUTO_LIMIT = 10;

function ListView({ node }: Member) {
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
            <Component node={item} />
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

function ListItem({ node }: Member) {
  const [act, pending] = useAction();
  const action = readAction(node.onClickAction);
  const content = <Children node={node} />;
  return action ? (
    <button type="button" className="list-item" aria-busy={pending} onClick={() => act(action)}>
      {content}
    </button>
  ) : (
    <div className="list-item">{content}</div>
  );
}

function isRow(node: WidgetNode): boolean {
  return node.type === "Row" || node.direction === "row";
}

function Box({ node }: Member) {
  const row = isRow(node);
  return (
    <div className={row ? "widget-row" : "widget-col"} style={boxStyle(node, row ? 8 : 4)}>
      <Children node={node} />
    </div>
  );
}

function Form({ node }: Member) {
  const row = isRow(node);
  return (
    <ActionForm
      className={row ? "widget-row" : "widget-col"}
      style={boxStyle(node, 8)}
      action={readAction(node.onSubmitAction)}
    >
      <Children node={node} />
    </ActionForm>
  );
}

/** A text. In a form, a text with the color `danger` is an error, which is announced. */
function Words({ node }: Member) {
  const inForm = useSubmitting() !== undefined;
  const lines = typeof node.maxLines === "number" ? node.maxLines : undefined;
  return (
    <span
      className={`widget-${node.type.toLowerCase()}`}
      role={inForm && node.color === "danger" ? "alert" : undefined}
      data-color={maybe(node, "color")}
      data-weight={maybe(node, "weight")}
      data-through={node.lineThrough === true || undefined}
      data-truncate={node.truncate === true || undefined}
      style={lines ? { WebkitLineClamp: lines, display: "-webkit-box" } : undefined}
    >
      {text(node, "value")}
    </span>
  );
}

function Status({ node }: Member) {
  const status = node.status as { text?: unknown } | undefined;
  return typeof status?.text === "string" ? <p className="card-status">{status.text}</p> : null;
}
