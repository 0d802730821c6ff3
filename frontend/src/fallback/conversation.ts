import type { ChatClient } from "./client";
import type { ActionConfig, StreamEvent, ThreadItem, UserMessageContent } from "./protocol";
import {
  applyEvent,
  EMPTY,
  lastUserMessage,
  mergeNewest,
  readThread,
  type Transcript,
} from "./transcript";

export interface ChatState extends Transcript {
  /** `sending`: not yet taken by the server, so the composer still has the text. */
  phase: "idle" | "sending" | "responding";
  loading: boolean;
  loadFailed: boolean;
  /** Where older items begin, if there are any. */
  earlier: string | undefined;
  /** The widget whose action is being done. */
  acting: string | undefined;
  feedback: Readonly<Record<string, "positive" | "negative">>;
}

const START: ChatState = {
  ...EMPTY,
  phase: "idle",
  loading: false,
  loadFailed: false,
  earlier: undefined,
  acting: undefined,
  feedback: {},
};

export interface Listener {
  changed: () => void;
  emit: (name: string, detail?: unknown) => void;
}

/** One open thread, or the start screen: what is known of it, and everything that can be done. */
export class Conversation {
  #state: ChatState = START;
  /** What belongs to the open thread. A stream of one that was left is read on, and not shown. */
  #place = {};
  #stop: AbortController | undefined;

  constructor(
    readonly client: ChatClient,
    readonly listener: Listener,
  ) {}

  get state(): ChatState {
    return this.#state;
  }

  async open(threadId: string | null): Promise<void> {
    this.#place = {};
    this.#stop = undefined;
    this.#state = { ...START, threadId, loading: threadId !== null };
    this.listener.changed();
    this.listener.emit("thread.change", { threadId });
    if (threadId) await this.#load(threadId);
  }

  async #load(threadId: string): Promise<void> {
    const place = this.#place;
    this.listener.emit("thread.load.start", { threadId });
    try {
      const thread = await this.client.getThread(threadId);
      // The thread comes with its oldest items; of a long one the newest matter.
      const newest = thread.items.has_more ? await this.client.listItems(threadId) : undefined;
      if (place !== this.#place) return;
      this.#set({
        ...readThread(thread),
        items: newest ? newest.data.toReversed() : thread.items.data,
        earlier: newest?.has_more ? (newest.after ?? undefined) : undefined,
        loading: false,
        loadFailed: false,
      });
      this.listener.emit("thread.load.end", { threadId });
    } catch (error) {
      if (place !== this.#place) return;
      this.#set({ loading: false, loadFailed: true });
      this.listener.emit("error", { error });
    }
  }

  async loadEarlier(): Promise<void> {
    const { threadId, earlier } = this.#state;
    const place = this.#place;
    if (!threadId || !earlier) return;
    const page = await this.client.listItems(threadId, earlier);
    if (place !== this.#place) return;
    this.#set({
      items: [...page.data.toReversed(), ...this.#state.items],
      earlier: page.has_more ? (page.after ?? undefined) : undefined,
    });
  }

  /** Reads the newest items again; refuses while a stream brings them, as ChatKit does. */
  async fetchUpdates(): Promise<void> {
    const { threadId, phase, loadFailed } = this.#state;
    const place = this.#place;
    if (phase !== "idle") throw new Error("The thread is being streamed");
    if (!threadId) return;
    if (loadFailed) return this.#load(threadId);
    const page = await this.client.listItems(threadId);
    if (place !== this.#place || this.#state.phase !== "idle") return;
    const { items, joined } = mergeNewest(this.#state.items, page.data.toReversed());
    const earlier = joined ? this.#state.earlier : page.has_more ? page.after : undefined;
    this.#set({ items, earlier: earlier ?? undefined, error: undefined });
  }

  /** `onTaken` is called once the server has the message: until then the composer keeps it. */
  async send(
    content: UserMessageContent[],
    { quote = "", onTaken = () => {} }: { quote?: string; onTaken?: () => void } = {},
  ): Promise<void> {
    const { threadId } = this.#state;
    const input = {
      content,
      attachments: [],
      inference_options: {},
      ...(quote && { quoted_text: quote }),
    };
    await (threadId
      ? this.#stream("threads.add_user_message", { thread_id: threadId, input }, { onTaken })
      : this.#stream("threads.create", { input }, { onTaken }));
  }

  /** Answers the last message anew. What is there stays until the first of the new answer comes. */
  async retry(): Promise<void> {
    const { threadId, items } = this.#state;
    const asked = lastUserMessage(items);
    if (!threadId || !asked) return;
    const place = this.#place;
    await this.#stream(
      "threads.retry_after_item",
      { thread_id: threadId, item_id: asked.id },
      { after: asked.id },
    );
    if (place !== this.#place || !this.#state.error) return;
    const { error } = this.#state;
    await this.fetchUpdates().catch(() => undefined);
    this.#set({ error });
  }

  stop(): void {
    this.#stop?.abort(new DOMException("Stopped", "AbortError"));
  }

  /** An action of the page's own, such as following a run: it may stream a whole answer. */
  async sendAction(action: ActionConfig, itemId?: string): Promise<void> {
    const { threadId } = this.#state;
    if (!threadId) throw new Error("There is no thread");
    const params = { thread_id: threadId, action: { type: action.type, payload: action.payload } };
    await this.#stream("threads.custom_action", itemId ? { ...params, item_id: itemId } : params, {
      quiet: true,
    });
  }

  /** A click in a widget. It does not wait for an answer that is being written. */
  async act(action: ActionConfig, item: ThreadItem): Promise<void> {
    const { threadId, acting } = this.#state;
    if (!threadId || acting) return;
    const place = this.#place;
    const params = {
      thread_id: threadId,
      item_id: item.id,
      action: { type: action.type, payload: action.payload ?? null },
    };
    this.#set({ acting: item.id, error: undefined });
    try {
      if (action.streaming === false) {
        const { updated_item } = await this.client.act(params);
        if (updated_item) this.#apply(place, { type: "thread.item.replaced", item: updated_item });
      } else {
        const signal = new AbortController().signal;
        for await (const event of this.client.stream("threads.custom_action", params, signal)) {
          this.#apply(place, event);
        }
      }
    } catch {
      this.#apply(place, {
        type: "error",
        code: "custom",
        message: "This did not work. Try again.",
      });
    } finally {
      if (place === this.#place) this.#set({ acting: undefined });
    }
  }

  async rate(itemId: string, kind: "positive" | "negative"): Promise<void> {
    const { threadId, feedback } = this.#state;
    if (!threadId) return;
    this.#set({ feedback: { ...feedback, [itemId]: kind } });
    await this.client.sendFeedback(threadId, itemId, kind).catch(() => this.#set({ feedback }));
  }

  async #stream(
    type: string,
    params: Record<string, unknown>,
    options: { after?: string; quiet?: boolean; onTaken?: () => void } = {},
  ): Promise<void> {
    if (this.#state.phase !== "idle") throw new Error("An answer is being written");
    const place = this.#place;
    const stop = new AbortController();
    let begun = false;
    this.#stop = stop;
    this.#set({
      error: undefined,
      notices: [],
      progress: undefined,
      ...(options.quiet ? {} : { phase: "sending" }),
    });
    try {
      for await (const event of this.client.stream(type, params, stop.signal)) {
        if (!begun && event.type !== "stream_options" && event.type !== "error") {
          begun = true;
          if (place === this.#place) this.#begin(options.after);
          options.onTaken?.();
        }
        this.#apply(place, event);
      }
    } catch (error) {
      if (!stop.signal.aborted) {
        const message = "The connection was lost. Try again.";
        this.#apply(place, { type: "error", code: "custom", message, allow_retry: begun });
        this.listener.emit("error", { error });
      }
    }
    if (place === this.#place) {
      this.#stop = undefined;
      this.#set({ phase: "idle", progress: undefined });
      if (begun) this.listener.emit("response.end");
    }
  }

  #begin(after: string | undefined): void {
    const { items } = this.#state;
    const last = items.findIndex(({ id }) => id === after);
    this.#set({ phase: "responding", ...(after ? { items: items.slice(0, last + 1) } : {}) });
    this.listener.emit("response.start");
  }

  #apply(place: object, event: StreamEvent): void {
    if (event.type === "client_effect") {
      this.listener.emit("effect", { name: event.name, data: event.data ?? {} });
    }
    if (place !== this.#place) return;
    const { threadId } = this.#state;
    this.#set(applyEvent(this.#state, event));
    if (event.type === "thread.created" && event.thread.id !== threadId) {
      this.listener.emit("thread.change", { threadId: event.thread.id });
    }
  }

  #set(change: Partial<ChatState>): void {
    this.#state = { ...this.#state, ...change };
    this.listener.changed();
  }
}
