/** The part of the ChatKit protocol that our server uses, after the SDK's `chatkit.types`. */
import type { Attachment, UserMessageContent } from "@openai/chatkit";

export type { Attachment, UserMessageContent };

/** A new attachment, and how to upload its file. */
export type CreatedAttachment = Attachment & {
  upload_descriptor: { url: string; method: "PUT" | "POST"; headers: Record<string, string> };
};

export interface Page<T> {
  data: T[];
  has_more: boolean;
  after?: string | null;
}

interface ItemBase {
  id: string;
  thread_id: string;
  created_at: string;
}

export interface UserMessageItem extends ItemBase {
  type: "user_message";
  content: UserMessageContent[];
  attachments?: Attachment[];
  quoted_text?: string | null;
}

export interface AssistantMessageItem extends ItemBase {
  type: "assistant_message";
  content: { text: string }[];
}

export interface WorkflowTask {
  type: string;
  title?: string;
  content?: string;
  icon?: string;
  status_indicator?: "none" | "loading" | "complete";
}

export interface Workflow {
  type: string;
  tasks: WorkflowTask[];
  summary?: { title?: string; icon?: string; duration?: number };
  expanded?: boolean;
}

export interface WorkflowItem extends ItemBase {
  type: "workflow";
  workflow: Workflow;
}

export interface TaskItem extends ItemBase {
  type: "task";
  task: WorkflowTask;
}

export interface WidgetItem extends ItemBase {
  type: "widget";
  widget: WidgetNode;
}

export interface InputAnswer {
  values: string[];
  skipped: boolean;
}

interface InputQuestionBase {
  id: string;
  question: string;
  answer?: InputAnswer | null;
}

export type InputQuestion =
  | (InputQuestionBase & {
      type: "multiple_choice";
      /** Suggestions. The person can always reply in their own words. */
      options: { value: string }[];
      multiple?: boolean;
    })
  | (InputQuestionBase & { type: "freeform"; description?: string | null });

export interface StructuredInputItem extends ItemBase {
  type: "structured_input";
  status: "pending" | "answered" | "skipped";
  inputs: InputQuestion[];
}

/** The input of `threads.add_structured_input`: replies by the questions' ids. */
export interface InputSubmission {
  status: "answered" | "skipped";
  answers: Record<string, InputAnswer>;
}

export interface OtherItem extends ItemBase {
  type: "end_of_turn" | "client_tool_call" | "generated_image";
}

export type ThreadItem =
  | UserMessageItem
  | AssistantMessageItem
  | WorkflowItem
  | TaskItem
  | WidgetItem
  | StructuredInputItem
  | OtherItem;

export interface ActionConfig {
  type: string;
  payload?: Record<string, unknown>;
  handler?: "client" | "server";
  streaming?: boolean;
  /** What waits while the action runs: the control, the whole widget (forms, cards) or nothing. */
  loadingBehavior?: "auto" | "none" | "self" | "container";
}

/** A component of a widget. Its type determines which members are used. */
export interface WidgetNode {
  type: string;
  id?: string;
  key?: string;
  children?: WidgetNode[] | WidgetNode;
  [member: string]: unknown;
}

/** A locked thread accepts no messages for now, a closed one never again. */
export interface ThreadStatus {
  type: "active" | "locked" | "closed";
  reason?: string | null;
}

export interface Thread {
  id: string;
  title?: string | null;
  status?: ThreadStatus;
  created_at: string;
  items: Page<ThreadItem>;
}

export type ItemUpdate =
  | {
      type: "assistant_message.content_part.added" | "assistant_message.content_part.done";
      content_index: number;
      content: { text: string };
    }
  | { type: "assistant_message.content_part.text_delta"; content_index: number; delta: string }
  | {
      type: "workflow.task.added" | "workflow.task.updated";
      task_index: number;
      task: WorkflowTask;
    }
  | { type: "widget.root.updated"; widget: WidgetNode }
  | { type: "widget.component.updated"; component_id: string; component: WidgetNode }
  | {
      type: "widget.streaming_text.value_delta";
      component_id: string;
      delta: string;
      done: boolean;
    };

export type StreamEvent =
  | { type: "thread.created" | "thread.updated"; thread: Thread }
  | {
      type: "thread.item.added" | "thread.item.done" | "thread.item.replaced";
      item: ThreadItem;
    }
  | { type: "thread.item.updated"; item_id: string; update: ItemUpdate }
  | { type: "thread.item.removed"; item_id: string }
  | { type: "stream_options"; stream_options: { allow_cancel: boolean } }
  | { type: "progress_update"; text: string }
  | { type: "client_effect"; name: string; data?: Record<string, unknown> }
  | { type: "error"; code: string; message?: string; allow_retry?: boolean }
  | { type: "notice"; level: "info" | "warning" | "danger"; message: string; title?: string };
