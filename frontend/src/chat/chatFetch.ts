import { problemWords, readProblem } from "../api/problem";
import { createSend, type Send, type SendOptions } from "../api/send";
import { type ChatRequest, readChatRequest } from "./chatRequest";
import { follow } from "./follow";
import { OwnStreams } from "./ownStreams";
import { type Item, type ItemEvent, ShownThreads } from "./shownItems";
import { frame } from "./sse";
import { type StreamWatch, watchStream } from "./watchStream";

export interface ChatFetchOptions extends SendOptions {
  /** Kept up to date with what the element is given. */
  shown?: ShownThreads;
  /**
   * An answer has begun, or has ended however; `run` names it. A click has changed something in the
   * thread if it ends without having begun. Not told of answers that are only followed.
   */
  onRunStart?: (threadId: string, run: string) => void;
  onRunEnd?: (threadId: string, run: string) => void;
  /** A button has done its work, in a request that carries no effects. */
  onActed?: () => void;
  /** A followed stream has ended; `whole` if an answer was followed to its end. */
  onFollowed?: (threadId: string, whole: boolean) => void;
  /** An answer of this tab's own was stopped and has ended; the element left out its last events. */
  onStopped?: (threadId: string) => void;
  /** An answer cannot be made anew now, and the element has already taken the old one away. */
  onRetryRefused?: () => void;
  /** A message that the server did not take: its content goes back into the composer. */
  onRefused?: (content: unknown[]) => void;
  /** The thread does not exist, or no longer. */
  onThreadMissing?: (threadId: string) => void;
  /** A stream without a byte for so long counts as broken; the server sends one every 10 s. */
  stallMs?: number;
  /** Waits before the repetitions of a request that did not get through. */
  retryDelaysMs?: readonly number[];
}

const OFFLINE_WORDS = "There is no connection. Your message was not sent; it is back in the box.";
const STALL_MS = 15_000;

/**
 * The `fetch` that ChatKit uses for our backend. Beyond what `createSend` adds to a request it
 *
 * - gives each streaming request an idempotency key, kept when it is repeated;
 * - turns a refusal into the chat's own error event, since ChatKit shows only those in words, and
 *   takes back what the element already shows as done;
 * - stops the run on the server when the stream is aborted, which is what the Stop button does;
 * - ends a stream that broke off or stalled with an error event, never with half an event;
 * - answers `run.follow` with all that the element has missed (see `follow`).
 */
export function createChatFetch(options: ChatFetchOptions): typeof fetch {
  const shared: Shared = {
    ...options,
    send: createSend(options),
    shown: options.shown ?? new ShownThreads(),
    own: new OwnStreams(),
  };
  return async (input, given = {}) => {
    const url = input instanceof Request ? input.url : String(input);
    const init = input instanceof Request ? { ...(await readRequest(input)), ...given } : given;
    const request = readChatRequest(init.body);
    if (request.kind === "plain") return sendPlain(shared, url, init, request);
    if (request.kind === "follow" && request.threadId) {
      return followThread(shared, url, init, request.threadId);
    }
    return new ChatStream(shared, url, init, request).open();
  };
}

interface Shared extends ChatFetchOptions {
  send: Send;
  shown: ShownThreads;
  own: OwnStreams;
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

/** Reads a response's JSON before the element gets it. */
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
    stallMs: shared.stallMs ?? STALL_MS,
    onThreadMissing: () => shared.onThreadMissing?.(threadId),
    onBroken: () => shared.connection?.failed(),
    onEnd: (whole) => shared.onFollowed?.(threadId, whole),
  });
}

/** One streaming request, from its sending to the end of its response. */
class ChatStream {
  readonly #key = crypto.randomUUID();
  #threadId: string | undefined;
  #watch: StreamWatch | undefined;
  #begun = false;
  #stopping = false;
  #endOwn = () => {};

  constructor(
    readonly options: Shared,
    readonly url: string,
    readonly init: RequestInit,
    readonly request: ChatRequest,
  ) {
    this.#threadId = request.threadId;
  }

  async open(): Promise<Response> {
    const signal = this.init.signal ?? undefined;
    signal?.throwIfAborted();
    const { threadId, itemId, kind } = this.request;
    if (threadId) this.#endOwn = this.options.own.begin(threadId);
    if (threadId && itemId && kind === "retry") this.options.shown.of(threadId).cutAfter(itemId);
    // The request itself is not aborted: the run it starts has to be found before it can be stopped.
    const answer = this.#request();
    if (!signal) return answer;
    const abort = () => {
      this.#watch?.detach(signal.reason);
      void this.#stop(answer);
    };
    return Promise.race([answer, rejectOnAbort(signal, abort)]);
  }

  async #request(): Promise<Response> {
    let response: Response;
    try {
      response = await this.#sendPatiently();
    } catch {
      return this.#refused(OFFLINE_WORDS);
    }
    if (!response.ok) {
      const problem = await readProblem(response);
      if (problem.status === 404 && this.#threadId) {
        this.options.onThreadMissing?.(this.#threadId);
      }
      return this.#refused(problemWords(problem, new Date()));
    }
    return this.#stream(response);
  }

  async #sendPatiently(): Promise<Response> {
    const headers = new Headers(this.init.headers);
    headers.set("Idempotency-Key", this.#key);
    const body = String(this.init.body);
    const { signal: _, ...rest } = this.init;
    for (const delay of this.options.retryDelaysMs ?? [400, 1_200]) {
      try {
        return await this.options.send(this.url, { ...rest, headers, body });
      } catch (error) {
        if (!navigator.onLine || this.init.signal?.aborted) throw error;
        await new Promise((resume) => setTimeout(resume, delay));
      }
    }
    return this.options.send(this.url, { ...rest, headers, body });
  }

  #refused(words: string): Response {
    this.#endOwn();
    const { content, kind } = this.request;
    const refused = () => {
      if (content) this.options.onRefused?.(content);
      if (kind === "retry") this.options.onRetryRefused?.();
    };
    return eventStream(this.#takenBack() + errorFrame(words, kind === "retry"), refused);
  }

  /** The element shows a question as answered once it has sent the answer: it is asked again. */
  #takenBack(): string {
    const { type, threadId = "", itemId = "" } = this.request;
    if (type !== "threads.add_structured_input") return "";
    const item = this.options.shown.of(threadId).get(itemId);
    return item ? frame({ type: "thread.item.replaced", item }) : "";
  }

  #stream(response: Response): Response {
    if (!response.body) return response;
    this.#watch = watchStream(response.body, {
      stallMs: this.options.stallMs ?? STALL_MS,
      onData: (data) => this.#read(data),
      onEnd: () => this.#ended(),
      onBroken: (cause) => {
        this.options.connection?.failed();
        return errorFrame(BROKEN_WORDS[cause], false);
      },
      onCancelled: () => this.#stop(Promise.resolve(response)),
    });
    if (this.#threadId) this.#started(this.#threadId);
    return new Response(this.#watch.body, { status: response.status, headers: response.headers });
  }

  #read(data: string): void {
    const event = JSON.parse(data) as ItemEvent & { thread?: { id: string } };
    if (this.#threadId === undefined && event.type === "thread.created" && event.thread) {
      this.#threadId = event.thread.id;
      this.#endOwn = this.options.own.begin(event.thread.id);
      this.#started(event.thread.id);
    }
    if (this.#threadId) this.options.shown.of(this.#threadId).apply(event);
  }

  #started(threadId: string): void {
    if (this.#begun || this.request.kind === "action") return;
    this.#begun = true;
    this.options.onRunStart?.(threadId, this.#key);
  }

  #ended(): void {
    this.#endOwn();
    if (this.#threadId) this.options.onRunEnd?.(this.#threadId, this.#key);
  }

  /**
   * Waits until the server has taken the request and named its thread, then stops the run, and reads
   * its stream to the end: what it kept is then stored.
   */
  async #stop(answer: Promise<Response>): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    await answer.catch(() => undefined);
    const watch = this.#watch;
    if (!watch || watch.ended) return;
    await watch.readUntil(() => this.#threadId !== undefined);
    const threadId = this.#threadId;
    if (threadId) {
      const run = `/api/threads/${encodeURIComponent(threadId)}/run`;
      const told = await this.options.send(run, { method: "DELETE" }).catch(() => undefined);
      if (told?.ok) await watch.readUntil(() => false);
    }
    watch.close();
    if (threadId) this.options.onStopped?.(threadId);
  }
}

const BROKEN_WORDS = {
  lost: "The connection was lost. The answer goes on and appears here when you are connected again.",
  stalled: "The answer has stalled. Reconnecting; nothing is lost.",
} as const;

/** A stream's end as ChatKit shows it: words, and whether its Retry makes sense. */
export function errorFrame(message: string, allowRetry: boolean): string {
  return frame({ type: "error", code: "custom", message, allow_retry: allowRetry });
}

/**
 * A whole stream. `onRead` is called once the element has read its end: until then it may keep the
 * person's message in a thread that it is about to throw away.
 */
function eventStream(text: string, onRead: () => void): Response {
  let sent = false;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (sent) {
          controller.close();
          setTimeout(onRead);
        } else controller.enqueue(new TextEncoder().encode(text));
        sent = true;
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
}

function rejectOnAbort(signal: AbortSignal, onAbort: () => void): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => {
      onAbort();
      reject(signal.reason);
    };
    signal.addEventListener("abort", abort, { once: true });
  });
}
