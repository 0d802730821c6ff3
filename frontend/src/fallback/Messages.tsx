import type { ChatKitOptions } from "@openai/chatkit";
import { useLayoutEffect, useRef } from "react";
import type { Conversation } from "./conversation";
import { Markdown } from "./Markdown";
import type { ChatState } from "./place";
import type { ActionConfig, ThreadItem } from "./protocol";
import { AnswerActions } from "./thread/AnswerActions";
import { Item } from "./thread/Item";
import { QuoteButton } from "./thread/QuoteButton";
import { readTurns } from "./thread/turns";

interface Props {
  chat: ChatState;
  options: ChatKitOptions;
  conversation: Conversation;
  onQuote: (text: string) => void;
}

const NEAR_END_PX = 80;

/** The thread's items. Scrolls to the newest one, unless the person has scrolled up. */
export function Messages({ chat, options, conversation, onQuote }: Props) {
  const scroller = useRef<HTMLElement>(null);
  const atEnd = useRef(true);
  const responding = chat.phase === "responding";
  const shown = chat.items.filter(isShown);
  const turns = readTurns(shown);

  // biome-ignore lint/correctness/useExhaustiveDependencies: any change scrolls to the end
  useLayoutEffect(() => {
    const box = scroller.current;
    if (box && atEnd.current) box.scrollTop = box.scrollHeight;
  }, [chat]);

  async function act(action: ActionConfig, item: ThreadItem) {
    if (item.type !== "widget") return;
    if (action.handler !== "client") return conversation.act(action, item);
    await options.widgets?.onAction?.(action, { id: item.id, widget: item.widget as never });
  }

  return (
    <section
      className="messages"
      ref={scroller}
      aria-label="Conversation"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable area must be focusable
      tabIndex={0}
      onScroll={({ currentTarget: box }) => {
        atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX;
      }}
    >
      {chat.earlier && (
        <button type="button" className="more" onClick={() => void conversation.loadEarlier()}>
          Show earlier messages
        </button>
      )}
      <ol className="items">
        {shown.map((item) => {
          const turn = turns.get(item.id);
          return (
            <li key={item.id} data-type={item.type}>
              <Item
                item={item}
                live={responding}
                busy={
                  item.type === "structured_input" ? chat.phase !== "idle" : chat.acting === item.id
                }
                last={item === shown.at(-1)}
                entities={options.entities ?? {}}
                onAction={(action) => act(action, item)}
                onAnswer={(submission) =>
                  item.type === "structured_input" &&
                  void conversation.submitInput(item, submission)
                }
              />
              {turn && item.type !== "structured_input" && !(responding && turn.last) && (
                <AnswerActions
                  turn={turn}
                  option={options.threadItemActions ?? {}}
                  rated={chat.feedback[turn.end]}
                  conversation={conversation}
                />
              )}
            </li>
          );
        })}
      </ol>
      {responding && <Waiting items={shown} progress={chat.progress} />}
      {chat.notices.map((notice) => (
        <div key={notice} className="notice" role="status">
          <Markdown text={notice} />
        </div>
      ))}
      <QuoteButton scroller={scroller} onQuote={onQuote} />
    </section>
  );
}

function isShown(item: ThreadItem): boolean {
  switch (item.type) {
    case "assistant_message":
      return item.content.some(({ text }) => text !== "");
    case "workflow":
      return item.workflow.tasks.length > 0;
    case "user_message":
    case "widget":
    case "task":
    case "structured_input":
      return true;
    default:
      return false;
  }
}

function Waiting({ items, progress }: { items: ThreadItem[]; progress: string | undefined }) {
  const last = items.at(-1);
  const writing = last?.type === "assistant_message";
  const working =
    last?.type === "workflow" &&
    last.workflow.tasks.some((task) => task.status_indicator === "loading");
  if (!progress && (writing || working)) return null;
  return (
    <p className="waiting">
      <span className="dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      {progress ?? <span className="visually-hidden">The assistant is thinking</span>}
    </p>
  );
}
