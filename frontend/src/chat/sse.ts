/** One complete event of a stream: its raw text, and its data. Comments have no data. */
export interface Frame {
  raw: string;
  data: string | undefined;
}

/**
 * Splits bytes into the events of a `text/event-stream`. An incomplete event waits for its rest, so
 * a stream that breaks off never yields part of an event.
 */
export class FrameReader {
  readonly #decoder = new TextDecoder();
  #rest = "";

  push(bytes: Uint8Array): Frame[] {
    this.#rest += this.#decoder.decode(bytes, { stream: true }).replaceAll("\r\n", "\n");
    const parts = this.#rest.split("\n\n");
    this.#rest = parts.pop() ?? "";
    return parts.map((part) => ({ raw: `${part}\n\n`, data: readData(part) }));
  }
}

function readData(frame: string): string | undefined {
  const lines = frame
    .split("\n")
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(5).replace(/^ /, ""));
  return lines.length ? lines.join("\n") : undefined;
}

/** The data of each event in a response's body, until the body ends or the signal is aborted. */
export async function* readFrames(
  body: ReadableStream<Uint8Array>,
  signal?: AbortSignal,
): AsyncGenerator<string> {
  const reader = body.getReader();
  signal?.addEventListener("abort", () => reader.cancel().catch(() => {}));
  const frames = new FrameReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      for (const frame of frames.push(value)) if (frame.data !== undefined) yield frame.data;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** An event's text. */
export function frame(event: unknown): string {
  return `data: ${JSON.stringify(event)}\n\n`;
}
