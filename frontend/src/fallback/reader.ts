import type { ChatClient } from "./client";
import type { Thread } from "./protocol";

const KEPT_MS = 5_000;

/** Reads whole threads, and caches each for five seconds. */
export class Reader {
  readonly #kept = new Map<string, Promise<Thread>>();

  constructor(readonly client: ChatClient) {}

  read(threadId: string): Promise<Thread> {
    const kept = this.#kept.get(threadId);
    if (kept) return kept;
    const reading = this.#read(threadId);
    this.#kept.set(threadId, reading);
    reading.then(
      () => setTimeout(() => this.#kept.delete(threadId), KEPT_MS),
      () => this.#kept.delete(threadId),
    );
    return reading;
  }

  async #read(threadId: string): Promise<Thread> {
    const thread = await this.client.getThread(threadId);
    const data = [...thread.items.data];
    let more = thread.items.has_more;
    while (more) {
      const page = await this.client.listItems(threadId, data.at(-1)?.id);
      data.push(...page.data);
      more = page.has_more && page.data.length > 0;
    }
    return { ...thread, items: { data, has_more: false } };
  }
}
