import type { UseChatKitReturn } from "@openai/chatkit-react";

type Chat = Pick<UseChatKitReturn, "sendCustomAction" | "fetchUpdates">;

/** A message to the other tabs about an answer that this tab streams, or a click, with its id. */
export interface RunMessage {
  threadId: string;
  run: string;
  phase: "started" | "ended";
}

const FOLLOW = { type: "run.follow", payload: {} };
/** How often an action that the element refused is tried again. */
const MOST_REFUSALS = 3;
/** How long the element reads a thread from its cache after loading it. */
const CACHE_MS = 5_100;

/**
 * Keeps the open thread up to date with the page's own action `run.follow`. `chatFetch` responds to
 * it with everything that the element has missed, including a running answer.
 *
 * It only catches up when something else happens: another tab streams an answer, the person returns
 * to the page, the connection returns, or a thread is opened. An action causes none of these. An
 * action that the element refuses is tried again when the element is no longer busy. So requests
 * cannot cause each other in a loop.
 *
 * While a thread ends with an unanswered question, OpenAI's element refuses actions, even if the
 * question was answered in another tab. In this case the thread is loaded again.
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
  /** The last answer that another tab reported, and what this tab has seen of it. */
  #run: string | undefined;
  #whole = false;
  #endHeard = false;

  constructor(
    readonly chat: () => Chat | null,
    readonly thread: () => string | null,
    /** Whether a thread, as shown, ends with an unanswered question. */
    readonly asks: (threadId: string) => boolean,
  ) {}

  /** The element started to load a thread. It refuses actions until it has finished. */
  loads(): void {
    this.#loading = true;
    this.#stale = false;
  }

  /** The element has loaded a thread. It still lacks what is not stored yet. */
  loaded(): void {
    this.#loading = false;
    this.#loadedAt = Date.now();
    this.#refusals = 0;
    void this.#catchUp();
  }

  /** Whether the element shows a running answer. It refuses actions until the answer ends. */
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

  /**
   * Another tab reports an answer. The end of an answer that was followed completely is no news.
   */
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

  /** A followed stream has ended. `whole`: an answer was followed to its end. */
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
