/** The parts of a ChatKit request that `chatFetch` uses: what the request starts, and where. */
export interface ChatRequest {
  type: string;
  threadId: string | undefined;
  /** `other-stream` includes the reply to a question, which also starts an answer. */
  kind: "create" | "message" | "retry" | "action" | "follow" | "other-stream" | "plain";
  /** The item that the request is about, such as the message to retry. */
  itemId: string | undefined;
  /** The content of the person's message, in the form that the composer accepts. */
  content: unknown[] | undefined;
  /** Ids of the message's attachments. */
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
