import type {
  AssistantMessageItem,
  ItemUpdate,
  StreamEvent,
  Thread,
  ThreadItem,
  ThreadStatus,
  WidgetNode,
  WorkflowItem,
} from "./protocol";

export interface ChatError {
  message: string;
  allowRetry: boolean;
}

/** A thread's state after the events so far. Immutable: each event creates a new one. */
export interface Transcript {
  threadId: string | null;
  title: string | null;
  status: ThreadStatus;
  items: readonly ThreadItem[];
  progress: string | undefined;
  cancellable: boolean;
  error: ChatError | undefined;
  notices: readonly string[];
}

export const EMPTY: Transcript = {
  threadId: null,
  title: null,
  status: { type: "active" },
  items: [],
  progress: undefined,
  cancellable: true,
  error: undefined,
  notices: [],
};

const UNKNOWN_ERROR = "The answer could not be finished. Try again.";

export function applyEvent(transcript: Transcript, event: StreamEvent): Transcript {
  switch (event.type) {
    case "thread.created":
      return { ...transcript, threadId: event.thread.id, ...readThread(event.thread) };
    case "thread.updated":
      return { ...transcript, ...readThread(event.thread) };
    case "thread.item.added":
    case "thread.item.done":
    case "thread.item.replaced":
      return { ...transcript, items: upsert(transcript.items, event.item), progress: undefined };
    case "thread.item.updated":
      return {
        ...transcript,
        items: transcript.items.map((item) =>
          item.id === event.item_id ? applyUpdate(item, event.update) : item,
        ),
      };
    case "thread.item.removed":
      return { ...transcript, items: transcript.items.filter(({ id }) => id !== event.item_id) };
    case "stream_options":
      return { ...transcript, cancellable: event.stream_options.allow_cancel };
    case "progress_update":
      return { ...transcript, progress: event.text };
    case "error":
      return {
        ...transcript,
        progress: undefined,
        error: { message: event.message ?? UNKNOWN_ERROR, allowRetry: event.allow_retry ?? false },
      };
    case "notice": {
      const words = event.title ? `**${event.title}** ${event.message}` : event.message;
      return { ...transcript, notices: [...transcript.notices, words] };
    }
    default:
      return transcript;
  }
}

/** The fields of a thread that the chat shows besides its items. */
export function readThread({ title, status }: Thread): Pick<Transcript, "title" | "status"> {
  return { title: title ?? null, status: status ?? EMPTY.status };
}

/** Replaces an existing item in place, because a followed answer is sent from its start. */
function upsert(items: readonly ThreadItem[], item: ThreadItem): ThreadItem[] {
  const known = items.some(({ id }) => id === item.id);
  return known ? items.map((old) => (old.id === item.id ? item : old)) : [...items, item];
}

function applyUpdate(item: ThreadItem, update: ItemUpdate): ThreadItem {
  switch (update.type) {
    case "assistant_message.content_part.added":
    case "assistant_message.content_part.done":
      return withPart(item, update.content_index, () => update.content.text);
    case "assistant_message.content_part.text_delta":
      return withPart(item, update.content_index, (text) => text + update.delta);
    case "workflow.task.added":
    case "workflow.task.updated": {
      if (item.type !== "workflow") return item;
      const tasks = [...item.workflow.tasks];
      tasks[update.task_index] = update.task;
      return {
        ...item,
        workflow: { ...item.workflow, tasks: tasks.filter(Boolean) },
      } as WorkflowItem;
    }
    case "widget.root.updated":
      return item.type === "widget" ? { ...item, widget: update.widget } : item;
    case "widget.component.updated":
      return withComponent(item, update.component_id, () => update.component);
    case "widget.streaming_text.value_delta":
      return withComponent(item, update.component_id, (node) => ({
        ...node,
        value: `${node.value ?? ""}${update.delta}`,
      }));
    default:
      return item;
  }
}

function withPart(item: ThreadItem, index: number, edit: (text: string) => string): ThreadItem {
  if (item.type !== "assistant_message") return item;
  const content: AssistantMessageItem["content"] = [...item.content];
  while (content.length <= index) content.push({ text: "" });
  content[index] = { ...content[index], text: edit(content[index]?.text ?? "") };
  return { ...item, content };
}

function withComponent(
  item: ThreadItem,
  id: string,
  edit: (node: WidgetNode) => WidgetNode,
): ThreadItem {
  if (item.type !== "widget") return item;
  const visit = (node: WidgetNode): WidgetNode => {
    if (node.id === id) return edit(node);
    if (!Array.isArray(node.children)) return node;
    return { ...node, children: node.children.map(visit) };
  };
  return { ...item, widget: visit(item.widget) };
}

export function lastUserMessage(items: readonly ThreadItem[]): ThreadItem | undefined {
  return items.findLast((item) => item.type === "user_message");
}

/** The items up to the one with the id. Without an id, all items. */
export function cutAfter(
  items: readonly ThreadItem[],
  id: string | undefined,
): Partial<Transcript> {
  if (id === undefined) return {};
  const last = items.findIndex((item) => item.id === id);
  return { items: items.slice(0, last + 1) };
}
