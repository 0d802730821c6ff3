import { problemWords, readProblem } from "../api/problem";
import { createSend, type Send, type SendOptions } from "../api/send";
import { type ChatRequest, readChatRequest } from "./chatRequest";
import { type StreamWatch, watchStream } from "./watchStream";

export interface ChatFetchOptions extends SendOptions {
  /** An answer has begun, or has ended however; not told of those that are only followed. */
  onRunStart?: (threadId: string) => void;
  onRunEnd?: (threadId: string) => void;
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

/**
 * The `fetch` that ChatKit uses for our backend. Beyond what `createSend` adds to a request it
 *
 * - gives each streaming request an idempotency key, kept when it is repeated;
 * - turns a refusal into the chat's own error event, since ChatKit shows only those in words;
 * - stops the run on the server when the stream is aborted, which is what the Stop button does;
 * - ends a stream that broke off or stalled with an error event, never with half an event.
 */
export function createChatFetch(options: ChatFetchOptions): typeof fetch {
  const send = createSend(options);
  return async (input, given = {}) => {
    const url = input instanceof Request ? input.url : String(input);
    const init = input instanceof Request ? { ...(await readRequest(input)), ...given } : given;
    const request = readChatRequest(init.body);
    if (request.kind === "plain") return sendPlain(send, url, init, request, options);
    return new ChatStream(send, url, init, request, options).open();
  };
}

async function readRequest(request: Request): Promise<RequestInit> {
  const { method, headers, signal } = request;
  return { method, headers, signal, body: await request.text() };
}

async function sendPlain(
  send: Send,
  url: string,
  init: RequestInit,
  request: ChatRequest,
  options: ChatFetchOptions,
): Promise<Response> {
  const body = typeof init.body === "string" ? init.body : undefined;
  const response = await send(url, { ...init, body });
  if (response.status === 404 && request.type === "threads.get_by_id" && request.threadId) {
    options.onThreadMissing?.(request.threadId);
  }
  return response;
}

/** One streaming request, from its sending to the end of its response. */
class ChatStream {
  readonly #key = crypto.randomUUID();
  #threadId: string | undefined;
  #watch: StreamWatch | undefined;
  #begun = false;

  constructor(
    readonly send: Send,
    readonly url: string,
    readonly init: RequestInit,
    readonly request: ChatRequest,
    readonly options: ChatFetchOptions,
  ) {
    this.#threadId = request.threadId;
  }

  async open(): Promise<Response> {
    const signal = this.init.signal ?? undefined;
    signal?.throwIfAborted();
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
        return await this.send(this.url, { ...rest, headers, body });
      } catch (error) {
        if (!navigator.onLine || this.init.signal?.aborted) throw error;
        await new Promise((resume) => setTimeout(resume, delay));
      }
    }
    return this.send(this.url, { ...rest, headers, body });
  }

  #refused(words: string): Response {
    // Following is the page's own idea: that it cannot be done now is nothing to show.
    if (this.request.kind === "follow") return eventStream("");
    if (this.request.content) this.options.onRefused?.(this.request.content);
    return eventStream(errorFrame(words, this.request.kind === "retry"));
  }

  #stream(response: Response): Response {
    if (!response.body) return response;
    this.#watch = watchStream(response.body, {
      stallMs: this.options.stallMs ?? 15_000,
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
    if (this.#threadId !== undefined) return;
    const event = JSON.parse(data) as { type: string; thread?: { id: string } };
    if (event.type !== "thread.created" || !event.thread) return;
    this.#threadId = event.thread.id;
    this.#started(event.thread.id);
  }

  #started(threadId: string): void {
    if (this.#begun || ["follow", "action"].includes(this.request.kind)) return;
    this.#begun = true;
    this.options.onRunStart?.(threadId);
  }

  #ended(): void {
    if (this.request.kind !== "follow" && this.#threadId) this.options.onRunEnd?.(this.#threadId);
  }

  /** Waits until the server has taken the request and named its thread, then stops the run. */
  async #stop(answer: Promise<Response>): Promise<void> {
    await answer.catch(() => undefined);
    const watch = this.#watch;
    if (!watch || watch.ended) return;
    await watch.readUntil(() => this.#threadId !== undefined);
    if (this.#threadId) {
      const run = `/api/threads/${encodeURIComponent(this.#threadId)}/run`;
      await this.send(run, { method: "DELETE" }).catch(() => undefined);
    }
    watch.close();
  }
}

const BROKEN_WORDS = {
  lost: "The connection was lost. The answer goes on and appears here when you are connected again.",
  stalled: "The answer has stalled. Reconnecting; nothing is lost.",
} as const;

/** A stream's end as ChatKit shows it: words, and whether its Retry makes sense. */
export function errorFrame(message: string, allowRetry: boolean): string {
  const event = { type: "error", code: "custom", message, allow_retry: allowRetry };
  return `data: ${JSON.stringify(event)}\n\n`;
}

function eventStream(text: string): Response {
  return new Response(text, { headers: { "Content-Type": "text/event-stream" } });
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
