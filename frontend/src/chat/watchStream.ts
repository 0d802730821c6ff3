import { FrameReader } from "./sse";

export interface StreamWatcher {
  stallMs: number;
  onData: (data: string) => void;
  /** The stream has ended for any reason. Called once. */
  onEnd: () => void;
  /**
   * The network or the server broke the stream off. The reader gets the returned text as its end.
   */
  onBroken: (cause: "lost" | "stalled") => string;
  /** The reader has cancelled the stream. */
  onCancelled: () => void;
}

export interface StreamWatch {
  body: ReadableStream<Uint8Array>;
  readonly ended: boolean;
  /** Makes the reader's next read fail, like an aborted `fetch`. The stream itself stays open. */
  detach: (reason: unknown) => void;
  /** Reads on without a reader until the condition holds or the stream ends. */
  readUntil: (condition: () => boolean) => Promise<void>;
  /** Closes the stream. */
  close: () => void;
}

/** Passes a response's complete events on, and reports how the stream ends. */
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

  /** The text of the next events, or undefined at the end. Rejects with the cause if it breaks. */
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
