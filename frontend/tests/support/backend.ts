/** A stand-in for `fetch` in unit tests: answers in turn, and keeps what was asked. */
export interface Asked {
  url: string;
  method: string;
  headers: Headers;
  body: string | undefined;
}

export type Answer = Response | Error | ((asked: Asked) => Response | Promise<Response>);

export function fakeFetch(...answers: Answer[]) {
  const asked: Asked[] = [];
  const fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const request = {
      url: String(input),
      method: init.method ?? "GET",
      headers: new Headers(init.headers),
      body: typeof init.body === "string" ? init.body : undefined,
    };
    asked.push(request);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer === undefined) throw new Error(`nothing answers ${request.method} ${request.url}`);
    if (answer instanceof Error) throw answer;
    return typeof answer === "function" ? answer(request) : answer;
  };
  return { fetch: fetch as typeof globalThis.fetch, asked };
}

export function json(body: unknown, init: ResponseInit = {}): Response {
  return new Response(JSON.stringify(body), {
    ...init,
    headers: { "Content-Type": "application/json", ...init.headers },
  });
}

export function problem(status: number, code: string, members: object = {}, headers = {}) {
  const body = { type: `/problems/${code}`, title: code, status, detail: code, ...members };
  return json(body, { status, headers: { ...headers } });
}

/** A stream of events whose end, or breaking, the test decides. */
export function openStream() {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (made) => {
      controller = made;
    },
    cancel: () => {
      cancelled = true;
    },
  });
  return {
    response: new Response(body, { headers: { "Content-Type": "text/event-stream" } }),
    send: (event: unknown) =>
      controller.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(event)}\n\n`)),
    sendText: (text: string) => controller.enqueue(new TextEncoder().encode(text)),
    end: () => controller.close(),
    break: () => controller.error(new TypeError("network error")),
    get cancelled() {
      return cancelled;
    },
  };
}

export async function eventsOf(response: Response): Promise<{ type: string; message?: string }[]> {
  const text = await response.text();
  return text
    .split("\n\n")
    .filter((part) => part.startsWith("data: "))
    .map((part) => JSON.parse(part.slice(6)));
}

export function messageBody(threadId: string | undefined, text = "hello"): string {
  const input = {
    content: [{ type: "input_text", text }],
    attachments: [],
    inference_options: {},
  };
  return JSON.stringify(
    threadId
      ? { type: "threads.add_user_message", params: { thread_id: threadId, input } }
      : { type: "threads.create", params: { input } },
  );
}

export const later = (ms = 0) => new Promise((resume) => setTimeout(resume, ms));
