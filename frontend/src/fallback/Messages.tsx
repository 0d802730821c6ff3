import type { ChatKitOptions } from "@openai/chatkit";
import { memo, type ReactNode, useLayoutEffect, useRef } from "react";
import type { ChatState, Conversation } from "./conversation";
import { ChatIcon } from "./icons";
import { Markdown } from "./Markdown";
import type { ActionConfig, ThreadItem, UserMessageContent, WorkflowTask } from "./protocol";
import { Widget } from "./Widget";

interface Props {
  chat: ChatState;
  options: ChatKitOptions;
  conversation: Conversation;
}

const NEAR_END_PX = 80;

/** The thread's items, the newest in sight unless the person has scrolled up. */
export function Messages({ chat, options, conversation }: Props) {
  const scroller = useRef<HTMLElement>(null);
  const atEnd = useRef(true);
  const responding = chat.phase === "responding";
  const shown = chat.items.filter(isShown);
  const lastAnswer = responding ? undefined : lastAnswerOf(shown);

  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever changed, the end is to be in sight
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
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
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
        {shown.map((item) => (
          <li key={item.id} data-type={item.type}>
            <Item
              item={item}
              live={responding}
              busy={chat.acting === item.id}
              onAction={(action) => act(action, item)}
              onEntity={options.entities?.onClick}
            />
            {item.id === lastAnswer && (
              <AnswerActions
                chat={chat}
                options={options}
                conversation={conversation}
                id={item.id}
              />
            )}
          </li>
        ))}
      </ol>
      {responding && <Waiting items={shown} progress={chat.progress} />}
      {chat.notices.map((notice) => (
        <div key={notice} className="notice" role="status">
          <Markdown text={notice} />
        </div>
      ))}
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
      return true;
    default:
      return false;
  }
}

/** The answer that can be rated and tried again: the last message, if it is the assistant's. */
function lastAnswerOf(items: ThreadItem[]): string | undefined {
  const last = items.at(-1);
  return last && last.type !== "user_message" ? last.id : undefined;
}

interface ItemProps {
  item: ThreadItem;
  live: boolean;
  busy: boolean;
  onAction: (action: ActionConfig) => Promise<void>;
  onEntity:
    | ((entity: { id: string; title: string; data?: Record<string, string> }) => void)
    | undefined;
}

const Item = memo(
  function Item({ item, live, busy, onAction, onEntity }: ItemProps): ReactNode {
    switch (item.type) {
      case "user_message":
        return (
          <div className="user-message">
            <span className="visually-hidden">You: </span>
            {item.content.map((part, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a sent message stay as they are
              <UserPart key={index} part={part} onEntity={onEntity} />
            ))}
          </div>
        );
      case "assistant_message":
        return (
          <div className="assistant-message">
            <span className="visually-hidden">Assistant: </span>
            <Markdown text={item.content.map(({ text }) => text).join("\n\n")} />
          </div>
        );
      case "workflow":
        return <Steps tasks={item.workflow.tasks} live={live} />;
      case "task":
        return <Steps tasks={[item.task]} live={live} />;
      case "widget":
        return <Widget root={item.widget} busy={busy} onAction={onAction} />;
      default:
        return null;
    }
  },
  (before, after) =>
    before.item === after.item &&
    before.busy === after.busy &&
    (before.live === after.live || after.item.type !== "workflow"),
);

function UserPart({ part, onEntity }: { part: UserMessageContent } & Pick<ItemProps, "onEntity">) {
  if (part.type === "input_text") return part.text;
  const entity = { id: part.id, title: part.text, data: part.data as Record<string, string> };
  return onEntity && part.interactive ? (
    <button type="button" className="mention" onClick={() => onEntity(entity)}>
      @{part.text}
    </button>
  ) : (
    <span className="mention">@{part.text}</span>
  );
}

/** The tools at work. A step that was cut off is neither at work any more nor done. */
function Steps({ tasks, live }: { tasks: WorkflowTask[]; live: boolean }) {
  return (
    <ul className="steps" aria-label="Steps">
      {tasks.map((task, index) => {
        const loading = task.status_indicator === "loading";
        const state = loading ? (live ? "loading" : "cut-off") : "complete";
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step's place is its identity in the protocol
          <li key={index} className="step" data-state={state}>
            {state === "loading" ? (
              <span className="spinner" />
            ) : (
              <ChatIcon name={state === "cut-off" ? "dot" : stepIcon(task)} size={16} />
            )}
            <span>
              {task.title}
              {task.content && ` · ${task.content}`}
            </span>
            <span className="visually-hidden">
              {state === "loading" ? "at work" : state === "complete" ? "done" : "stopped"}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function stepIcon(task: WorkflowTask): string {
  return task.icon === "lucide:circle-alert" ? task.icon : "check";
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

function AnswerActions({ chat, options, conversation, id }: Props & { id: string }) {
  const { feedback = false, retry = false } = options.threadItemActions ?? {};
  const rated = chat.feedback[id];
  return (
    <div className="answer-actions">
      {feedback &&
        (["positive", "negative"] as const).map((kind) => (
          <button
            key={kind}
            type="button"
            className="small-button"
            aria-label={kind === "positive" ? "Good answer" : "Bad answer"}
            aria-pressed={rated === kind}
            onClick={() => void conversation.rate(id, kind)}
          >
            <ChatIcon name={kind === "positive" ? "thumb-up" : "thumb-down"} size={16} />
          </button>
        ))}
      {retry && (
        <button
          type="button"
          className="small-button"
          aria-label="Try again"
          onClick={() => void conversation.retry()}
        >
          <ChatIcon name="reload" size={16} />
        </button>
      )}
    </div>
  );
}
