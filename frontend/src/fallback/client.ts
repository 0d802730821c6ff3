import type { CustomApiConfig } from "@openai/chatkit";
import { readProblem } from "../api/problem";
import { readFrames } from "../chat/sse";
import type { CreatedAttachment, Page, StreamEvent, Thread, ThreadItem } from "./protocol";

type Json = Record<string, unknown>;

/** Sends the requests of the ChatKit protocol with the page's own `fetch`. */
export class ChatClient {
  constructor(readonly api: () => CustomApiConfig) {}

  getThread = (id: string) => this.#ask<Thread>("threads.get_by_id", { thread_id: id });

  listThreads = (after: string | undefined) =>
    this.#ask<Page<Thread>>("threads.list", { limit: 20, order: "desc", ...(after && { after }) });

  /** One page of items, oldest first, in the largest size that the server allows. */
  listItems = (threadId: string, after?: string) =>
    this.#ask<Page<ThreadItem>>("items.list", {
      thread_id: threadId,
      limit: 9999,
      order: "asc",
      ...(after && { after }),
    });

  renameThread = (id: string, title: string) =>
    this.#ask("threads.update", { thread_id: id, title });

  deleteThread = (id: string) => this.#ask("threads.delete", { thread_id: id });

  sendFeedback = (threadId: string, itemId: string, kind: "positive" | "negative") =>
    this.#ask("items.feedback", { thread_id: threadId, item_ids: [itemId], kind });

  createAttachment = (file: { name: string; size: number; mime_type: string }) =>
    this.#ask<CreatedAttachment>("attachments.create", file);

  deleteAttachment = (id: string) => this.#ask("attachments.delete", { attachment_id: id });

  act = (params: Json) =>
    this.#ask<{ updated_item?: ThreadItem }>("threads.sync_custom_action", params);

  /** The events of a streaming request. */
  async *stream(type: string, params: Json, signal: AbortSignal): AsyncGenerator<StreamEvent> {
    const response = await this.#post(type, params, signal);
    if (!response.ok || !response.body) throw new Error(`${type}: ${response.status}`);
    for await (const data of readFrames(response.body, signal))
      yield JSON.parse(data) as StreamEvent;
  }

  async #ask<T = unknown>(type: string, params: Json): Promise<T> {
    const response = await this.#post(type, params);
    if (!response.ok) throw await readProblem(response);
    return (await response.json()) as T;
  }

  #post(type: string, params: Json, signal?: AbortSignal): Promise<Response> {
    const { url, fetch: send = fetch } = this.api();
    return send(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ type, params, metadata: {} }),
      ...(signal ? { signal } : {}),
    });
  }
}
