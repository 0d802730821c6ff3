import type { Attachment } from "@openai/chatkit";
import { problemWords, readProblem } from "../api/problem";
import type { Send, SendOptions } from "../api/send";
import type { ChatRequest } from "./chatRequest";
import type { OwnStreams } from "./ownStreams";
import type { ItemEvent, ShownThreads } from "./shownItems";
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
  onRefused?: (content: unknown[], attachments: Attachment[]) => void;
  /** The thread does not exist, or no longer. */
  onThreadMissing?: (threadId: string) => void;
  /** A stream without a byte for so long counts as broken; the server sends one every 10 s. */
  stallMs?: number;
  /** Waits before the repetitions of a request that did not get through. */
  retryDelaysMs?: readonly number[];
}

/** What the requests of one page share. */
export interface Shared extends ChatFetchOptions {
  send: Send;
  shown: ShownThreads;
  own: OwnStreams;
  stallMs: number;
  /** What was attached since the page was loaded, by its id. */
  attached: Map<string, Attachment>;
}

const OFFLINE_WORDS = "There is no connection. Your message was not sent; it is back in the box.";

/** One streaming request, from its sending to the end of its response. */
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
function errorFrame(message: string, allowRetry: boolean): string {
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
