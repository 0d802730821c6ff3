import type { EntitiesOption } from "@openai/chatkit";
import { memo, type ReactNode } from "react";
import { SentAttachments } from "../attachments/Sent";
import { Markdown } from "../Markdown";
import type { ActionConfig, InputSubmission, ThreadItem, UserMessageItem } from "../protocol";
import { Widget } from "../Widget";
import { Mention } from "./Mention";
import { StepList, Steps } from "./Steps";
import { StructuredInput } from "./StructuredInput";

interface Props {
  item: ThreadItem;
  /** Whether the answer is being written. */
  live: boolean;
  busy: boolean;
  /** Whether it is the last item. */
  last: boolean;
  entities: EntitiesOption;
  onAction: (action: ActionConfig) => Promise<void>;
  onAnswer: (submission: InputSubmission) => void;
}

/** One item of the thread. Rendered again only when it has changed. */
export const Item = memo(
  function Item({ item, live, busy, last, entities, onAction, onAnswer }: Props): ReactNode {
    switch (item.type) {
      case "user_message":
        return <UserMessage item={item} entities={entities} />;
      case "assistant_message":
        return (
          <div className="assistant-message">
            <span className="visually-hidden">Assistant: </span>
            <Markdown text={item.content.map(({ text }) => text).join("\n\n")} />
          </div>
        );
      case "workflow":
        return <Steps workflow={item.workflow} live={live} />;
      case "task":
        return <StepList tasks={[item.task]} live={live} />;
      case "structured_input":
        return <StructuredInput item={item} open={last} busy={busy} onAnswer={onAnswer} />;
      case "widget":
        return <Widget root={item.widget} busy={busy} onAction={onAction} />;
      default:
        return null;
    }
  },
  (before, after) =>
    before.item === after.item &&
    before.busy === after.busy &&
    (before.last === after.last || after.item.type !== "structured_input") &&
    (before.live === after.live || after.item.type !== "workflow"),
);

function UserMessage({ item, entities }: { item: UserMessageItem; entities: EntitiesOption }) {
  return (
    <>
      {item.quoted_text && (
        <blockquote className="quoted">
          <span className="visually-hidden">You quoted: </span>
          {item.quoted_text}
        </blockquote>
      )}
      <SentAttachments attachments={item.attachments ?? []} />
      {item.content.length > 0 && (
        <div className="user-message">
          <span className="visually-hidden">You: </span>
          {item.content.map((part, index) =>
            part.type === "input_text" ? (
              part.text
            ) : (
              // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a sent message never change
              <Mention key={index} tag={part} option={entities} />
            ),
          )}
        </div>
      )}
    </>
  );
}
