import { FrameReader } from "./sse";

export interface StreamWatcher {
  stallMs: number;
  onData: (data: string) => void;
  /** However it came: the stream is over. Called once. */
  onEnd: () => void;
  /** The network or the server broke it off. What is returned is sent to the reader as its end. */
  onBroken: (cause: "lost" | "stalled") => string;
  /** The reader does not want the rest. */
  onCancelled: () => void;
}

export interface StreamWatch {
  body: ReadableStream<Uint8Array>;
  readonly ended: boolean;
  /** Fails the reader's next read, as an aborted `fetch` does; the stream itself stays open. */
  detach: (reason: unknown) => void;
  /** Goes on reading, though the reader has left, until the condition holds or the stream ends. */
  readUntil: (condition: () => boolean) => Promise<void>;
  /** Leaves the stream. */
  close: () => void;
}

/** Hands on a response's events, whole ones only, and tells what becomes of the stream. */
export function watchStream(
  source: ReadableStream<Uint8Array>,
  watcher: StreamWatcher,
): StreamWatch {
  const reader = source.getReader();
  const frames = new FrameReader();
  const encoder = new TextEncoder();
  const offline = new AbortController();
  const goOffline = () => offline.abort("lost");
  let ended = false;
  let detached = false;
  let output: ReadableStreamDefaultController<Uint8Array> | undefined;

  function end(): void {
    if (ended) return;
    ended = true;
    removeEventListener("offline", goOffline);
    reader.cancel().catch(() => {});
    watcher.onEnd();
  }

  /** The next events' text; undefined at the end. Rejects with the cause when it breaks. */
  async function next(): Promise<string | undefined> {
    for (;;) {
      const { done, value } = await orBroken(reader.read(), offline.signal, watcher.stallMs);
      if (done) return undefined;
      const whole = frames.push(value);
      for (const { data } of whole) if (data !== undefined) watcher.onData(data);
      if (whole.length) return whole.map((frame) => frame.raw).join("");
    }
  }

  addEventListener("offline", goOffline);
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        output = controller;
      },
      async pull(controller) {
        const text = await next().catch((cause) =>
          detached || ended ? undefined : { last: watcher.onBroken(causeOf(cause)) },
        );
        if (detached) return;
        if (typeof text === "string") return controller.enqueue(encoder.encode(text));
        if (text) controller.enqueue(encoder.encode(text.last));
        end();
        controller.close();
      },
      cancel() {
        detached = true;
        watcher.onCancelled();
      },
    },
    { highWaterMark: 0 },
  );

  return {
    body,
    get ended() {
      return ended;
    },
    detach(reason) {
      if (ended || detached) return;
      detached = true;
      output?.error(reason);
    },
    async readUntil(condition) {
      while (!ended && !condition()) {
        if ((await next().catch(() => undefined)) === undefined) break;
      }
    },
    close: end,
  };
}

function causeOf(error: unknown): "lost" | "stalled" {
  return error === "stalled" ? "stalled" : "lost";
}

async function orBroken<T>(read: Promise<T>, offline: AbortSignal, stallMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let abort: (() => void) | undefined;
  const broken = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject("stalled"), stallMs);
    abort = () => reject("lost");
    if (offline.aborted) abort();
    offline.addEventListener("abort", abort);
  });
  try {
    return await Promise.race([read, broken]);
  } finally {
    clearTimeout(timer);
    if (abort) offline.removeEventListener("abort", abort);
  }
}
