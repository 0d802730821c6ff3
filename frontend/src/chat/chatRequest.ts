/** What `chatFetch` reads of a ChatKit request: enough to say what it starts, and where. */
export interface ChatRequest {
  type: string;
  threadId: string | undefined;
  /** `create`, `message` and `retry` start an answer; the rest of the protocol does not. */
  kind: "create" | "message" | "retry" | "action" | "follow" | "other-stream" | "plain";
  /** The message to be answered anew. */
  itemId: string | undefined;
  /** The content of the person's message, as the composer takes it back. */
  content: unknown[] | undefined;
  /** Ids of the files that the message brings along. */
  attachments: string[];
}

const KINDS: Record<string, ChatRequest["kind"]> = {
  "threads.create": "create",
  "threads.add_user_message": "message",
  "threads.retry_after_item": "retry",
  "threads.custom_action": "action",
  "threads.add_client_tool_output": "other-stream",
  "threads.add_structured_input": "other-stream",
};

interface Body {
  type?: string;
  params?: {
    thread_id?: string;
    item_id?: string;
    action?: { type?: string };
    input?: { content?: unknown[]; attachments?: string[] };
  };
}

export function readChatRequest(body: unknown): ChatRequest {
  const { type = "", params } = parse(body);
  const kind = KINDS[type] ?? "plain";
  const isFollow = kind === "action" && params?.action?.type === "run.follow";
  return {
    type,
    threadId: params?.thread_id,
    itemId: params?.item_id,
    kind: isFollow ? "follow" : kind,
    content: kind === "create" || kind === "message" ? params?.input?.content : undefined,
    attachments: params?.input?.attachments ?? [],
  };
}

function parse(body: unknown): Body {
  try {
    return typeof body === "string" ? ((JSON.parse(body) as Body | null) ?? {}) : {};
  } catch {
    return {};
  }
}
