import type { Attachment } from "@openai/chatkit";
import { createSend } from "../api/send";
import { type ChatRequest, readChatRequest } from "./chatRequest";
import { type ChatFetchOptions, ChatStream, type Shared } from "./chatStream";
import { follow } from "./follow";
import { OwnStreams } from "./ownStreams";
import { type Item, ShownThreads } from "./shownItems";

const STALL_MS = 15_000;

/**
 * The `fetch` that ChatKit uses for our backend. In addition to what `createSend` does, it
 *
 * - gives each streaming request an idempotency key, which stays the same in retries;
 * - turns an error response into ChatKit's error event, because ChatKit shows only the messages of
 *   these, and reverts what the element already shows as done;
 * - stops the run on the server when the stream is aborted, which the Stop button does;
 * - ends a stream that broke off or stalled with an error event, never with an incomplete event;
 * - uploads files unchanged to the URL from the server, without any of the above;
 * - responds to `run.follow` with everything that the element has missed (see `follow`).
 */
export function createChatFetch(options: ChatFetchOptions): typeof fetch {
  const shared: Shared = {
    ...options,
    stallMs: options.stallMs ?? STALL_MS,
    send: createSend(options),
    shown: options.shown ?? new ShownThreads(),
    own: new OwnStreams(),
    attached: new Map(),
  };
  return async (input, given = {}) => {
    const url = input instanceof Request ? input.url : String(input);
    const init = input instanceof Request ? { ...(await readRequest(input)), ...given } : given;
    if (init.body instanceof Blob) return upload(shared, url, init);
    const request = readChatRequest(init.body);
    if (request.kind === "plain") return sendPlain(shared, url, init, request);
    if (request.kind === "follow" && request.threadId) {
      return followThread(shared, url, init, request.threadId);
    }
    return new ChatStream(shared, url, init, request).open();
  };
}

/** The URL authorises the upload. The request must have no cookie and no unsigned header. */
function upload({ fetch: send = fetch }: Shared, url: string, init: RequestInit) {
  return send(url, { ...init, credentials: "omit" });
}

async function readRequest(request: Request): Promise<RequestInit> {
  const { method, headers, signal } = request;
  return { method, headers, signal, body: await request.text() };
}

async function sendPlain(
  shared: Shared,
  url: string,
  init: RequestInit,
  { type, threadId }: ChatRequest,
): Promise<Response> {
  const { send, shown } = shared;
  const body = typeof init.body === "string" ? init.body : undefined;
  if (type === "threads.get_by_id" && threadId) shown.reading(threadId);
  const response = await send(url, { ...init, body });
  if (response.status === 404 && type === "threads.get_by_id" && threadId) {
    shared.onThreadMissing?.(threadId);
  }
  if (response.ok && type === "attachments.create") {
    return passOn<Attachment>(response, (made) => shared.attached.set(made.id, made));
  }
  if (!response.ok || !threadId) return response;
  switch (type) {
    case "threads.get_by_id":
      return passOn<{ items: { data: Item[] } }>(response, ({ items }) =>
        shown.given(threadId, items.data),
      );
    case "items.list":
      return passOn<{ data: Item[] }>(response, ({ data }) => shown.given(threadId, data));
    case "threads.sync_custom_action":
      return passOn<{ updated_item?: Item }>(response, ({ updated_item: item }) => {
        if (item) shown.of(threadId).apply({ type: "thread.item.replaced", item });
        shared.onActed?.();
        shared.onRunEnd?.(threadId, crypto.randomUUID());
      });
    default:
      return response;
  }
}

/** Reads a response's JSON, then passes the response on to the element. */
async function passOn<T>(response: Response, read: (body: T) => void): Promise<Response> {
  const text = await response.text();
  read(JSON.parse(text) as T);
  return new Response(text, { status: response.status, headers: response.headers });
}

function followThread(
  shared: Shared,
  url: string,
  init: RequestInit,
  threadId: string,
): Promise<Response> {
  return follow({
    send: shared.send,
    url,
    init,
    threadId,
    shown: shared.shown.of(threadId),
    own: shared.own,
    stallMs: shared.stallMs,
    onThreadMissing: () => shared.onThreadMissing?.(threadId),
    onBroken: () => shared.connection?.failed(),
    onEnd: (whole) => shared.onFollowed?.(threadId, whole),
  });
}
