/**
 * The threads in which this tab streams an answer of its own.
 *
 * When a followed stream ends, the element assumes that the thread's answer has ended, even if the
 * person has sent a message meanwhile. So a followed stream must not end before that message's own
 * stream.
 */
export class OwnStreams {
  readonly #open = new Map<string, Set<Promise<void>>>();

  /** A stream has started. Call the returned function when it has ended. */
  begin(threadId: string): () => void {
    const streams = this.#open.get(threadId) ?? new Set();
    this.#open.set(threadId, streams);
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    streams.add(ended);
    return () => {
      streams.delete(ended);
      end();
    };
  }

  has(threadId: string): boolean {
    return (this.#open.get(threadId)?.size ?? 0) > 0;
  }

  async ended(threadId: string): Promise<void> {
    while (this.has(threadId)) await Promise.all(this.#open.get(threadId) ?? []);
  }
}
