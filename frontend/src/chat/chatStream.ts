import type { Attachment } from "@openai/chatkit";
import { problemWords, readProblem } from "../api/problem";
import type { Send, SendOptions } from "../api/send";
import type { ChatRequest } from "./chatRequest";
import type { OwnStreams } from "./ownStreams";
import type { ItemEvent, ShownThreads } from "./shownItems";
import { frame } from "./sse";
import { type StreamWatch, watchStream } from "./watchStream";

export interface ChatFetchOptions extends SendOptions {
  /** Updated with everything that the element receives. */
  shown?: ShownThreads;
  /**
   * An answer has started, or has ended for any reason. `run` is its id. An end without a start
   * means that a click has changed the thread. Not called for answers that are only followed.
   */
  onRunStart?: (threadId: string, run: string) => void;
  onRunEnd?: (threadId: string, run: string) => void;
  /** A button's action is done, after a request whose response cannot have effects. */
  onActed?: () => void;
  /** A followed stream has ended. `whole`: an answer was followed to its end. */
  onFollowed?: (threadId: string, whole: boolean) => void;
  /** An answer of this tab was stopped and has ended. The element has skipped its last events. */
  onStopped?: (threadId: string) => void;
  /** The server refused a retry, but the element has already removed the old answer. */
  onRetryRefused?: () => void;
  /** The server refused a message. Its content goes back into the composer. */
  onRefused?: (content: unknown[], attachments: Attachment[]) => void;
  /** The thread does not exist. */
  onThreadMissing?: (threadId: string) => void;
  /** A stream without bytes for this long counts as broken. The server sends some every 10 s. */
  stallMs?: number;
  /** The delays before each retry of a request that did not reach the server. */
  retryDelaysMs?: readonly number[];
}

/** What all requests of a page share. */
export interface Shared extends ChatFetchOptions {
  send: Send;
  shown: ShownThreads;
  own: OwnStreams;
  stallMs: number;
  /** The attachments that were created since the page was loaded, by id. */
  attached: Map<string, Attachment>;
}

const OFFLINE_WORDS = "There is no connection. Your message was not sent; it is back in the box.";

/** One streaming request, until the end of its response. */
export class ChatStream {
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
    // The request itself is not aborted: its run can only be stopped once the thread's id is known.
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
      return this.#refused(problemWords(problem, new Date()), problem.attachments);
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

  #refused(words: string, without: readonly string[] = []): Response {
    this.#endOwn();
    const { content, attachments, kind } = this.request;
    const kept = attachments
      .filter((id) => !without.includes(id))
      .map((id) => this.options.attached.get(id))
      .filter((attachment) => attachment !== undefined);
    const refused = () => {
      if (content) this.options.onRefused?.(content, kept);
      if (kind === "retry") this.options.onRetryRefused?.();
    };
    return eventStream(this.#takenBack() + errorFrame(words, kind === "retry"), refused);
  }

  /** Reopens a question, which the element shows as answered as soon as it has sent the reply. */
  #takenBack(): string {
    const { type, threadId = "", itemId = "" } = this.request;
    if (type !== "threads.add_structured_input") return "";
    const item = this.options.shown.of(threadId).get(itemId);
    return item ? frame({ type: "thread.item.replaced", item }) : "";
  }

  #stream(response: Response): Response {
    if (!response.body) return response;
    this.#watch = watchStream(response.body, {
      stallMs: this.options.stallMs,
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
   * Waits until the server has accepted the request and sent the thread's id, then stops the run.
   * Reads the stream to its end: by then the server has stored what it keeps of the answer.
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

/** ChatKit's error event: a message, and whether to offer Retry. */
function errorFrame(message: string, allowRetry: boolean): string {
  return frame({ type: "error", code: "custom", message, allow_retry: allowRetry });
}

/**
 * A complete stream. `onRead` is called after the element has read its end. Before that, the
 * element may still show the message in a temporary thread that it will discard.
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
