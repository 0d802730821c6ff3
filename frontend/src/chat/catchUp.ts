import type { UseChatKitReturn } from "@openai/chatkit-react";

type Chat = Pick<UseChatKitReturn, "sendCustomAction" | "fetchUpdates">;

/** What a tab tells the others about an answer that it streams, or a click. `run` names it. */
export interface RunMessage {
  threadId: string;
  run: string;
  phase: "started" | "ended";
}

const FOLLOW = { type: "run.follow", payload: {} };
/** So often an action that the element refused is tried again. */
const MOST_REFUSALS = 3;
/** After it has loaded a thread, the element reads it from a cache for so long. */
const CACHE_MS = 5_100;

/**
 * Keeps the open thread up to date by the page's own action `run.follow`, which `chatFetch` answers
 * with all that the element has missed, the answer in progress included.
 *
 * It runs on request only: of another tab, of the person who looks at the page again, of the
 * connection when it returns, of a thread that was opened. None of these follow from an action, and
 * an action that the element refuses waits for the end of what the element is busy with. So no
 * request leads to the next.
 *
 * Where a thread ends with a question that waits for its answer, OpenAI's element refuses actions
 * for as long as it waits, also if another tab has answered it. Then the thread is loaded anew.
 */
export class CatchUp {
  readonly #following = new Set<string>();
  #loading = false;
  #responding = false;
  #again = false;
  #refusals = 0;
  #loadedAt = Number.NEGATIVE_INFINITY;
  /** Something may have happened since the thread was loaded. */
  #stale = false;
  readonly #reloading = new Set<string>();
  /** The answer that another tab told of last, and what became of it here. */
  #run: string | undefined;
  #whole = false;
  #endHeard = false;

  constructor(
    readonly chat: () => Chat | null,
    readonly thread: () => string | null,
    /** Whether a thread ends with a question that waits for its answer, as far as is shown. */
    readonly asks: (threadId: string) => boolean,
  ) {}

  /** The element reads a thread: it refuses actions until it has. */
  loads(): void {
    this.#loading = true;
    this.#stale = false;
  }

  /** The element has read a thread: what is not stored is still to be caught up with. */
  loaded(): void {
    this.#loading = false;
    this.#loadedAt = Date.now();
    this.#refusals = 0;
    void this.#catchUp();
  }

  /** The element shows an answer being written: it refuses actions until its end. */
  set responding(now: boolean) {
    this.#responding = now;
    this.#resume();
  }

  isFollowing(threadId: string | null): boolean {
    return threadId !== null && this.#following.has(threadId);
  }

  /** Something may have happened in the open thread. */
  request = (): void => {
    this.#refusals = 0;
    this.#stale = true;
    void this.#catchUp();
  };

  /** Another tab tells of an answer. The end of one that was followed to its end is no news. */
  heard({ threadId, run, phase }: RunMessage): void {
    if (threadId !== this.thread()) return;
    if (phase === "started") {
      this.#run = run;
      this.#whole = false;
      this.request();
    } else if (run !== this.#run) this.request();
    else if (this.isFollowing(threadId)) this.#endHeard = true;
    else if (!this.#whole) this.request();
  }

  /** A followed stream has ended; `whole` if an answer was followed to its end. */
  followed(threadId: string, whole: boolean): void {
    if (threadId === this.thread()) this.#whole = whole;
  }

  #resume(): void {
    if (this.#again && !this.#loading && !this.#responding) void this.#catchUp();
  }

  async #catchUp(): Promise<void> {
    const threadId = this.thread();
    if (!threadId) return;
    if (this.#loading || this.#responding || this.#following.has(threadId)) {
      this.#again = true;
      return;
    }
    this.#again = false;
    this.#endHeard = false;
    this.#following.add(threadId);
    const done = await settled(this.chat()?.sendCustomAction(FOLLOW));
    this.#following.delete(threadId);
    if (!done && this.asks(threadId)) {
      if (this.#stale) void this.#reload(threadId);
    } else if (!done) this.#again = ++this.#refusals < MOST_REFUSALS;
    else if (this.#again || (this.#endHeard && !this.#whole)) this.request();
  }

  async #reload(threadId: string): Promise<void> {
    if (this.#reloading.has(threadId)) return;
    this.#reloading.add(threadId);
    const wait = this.#loadedAt + CACHE_MS - Date.now();
    if (wait > 0) await new Promise((resume) => setTimeout(resume, wait));
    this.#reloading.delete(threadId);
    if (threadId !== this.thread() || !this.asks(threadId)) return;
    await settled(this.chat()?.fetchUpdates());
  }
}

function settled(action: Promise<void> | undefined): Promise<boolean> {
  return Promise.resolve(action).then(
    () => true,
    () => false,
  );
}
