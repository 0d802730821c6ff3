import type { ChatClient } from "./client";
import { type ChatState, Place } from "./place";
import type {
  ActionConfig,
  InputSubmission,
  StreamEvent,
  StructuredInputItem,
  ThreadItem,
  UserMessageContent,
} from "./protocol";
import { Reader } from "./reader";
import { applyEvent, lastUserMessage, readThread } from "./transcript";

const SHOWN_AT_FIRST = 100;

export interface SendOptions {
  /** Words of an answer that the message is about. */
  quote?: string;
  /** Ids of what it brings along. */
  attachments?: string[];
  /** Called once the server has the message: until then the composer keeps it. */
  onTaken?: () => void;
}

export interface Listener {
  changed: () => void;
  emit: (name: string, detail?: unknown) => void;
}

/**
 * The open thread, or the start screen, and everything that can be done there.
 *
 * Where the page's hooks touch it, it behaves as OpenAI's element: see `chat/BEHAVIOUR.md`.
 */
export class Conversation {
  readonly #places = new Map<string, Place>();
  readonly #reader: Reader;
  #place = new Place(null);
  #wasResponding = false;

  constructor(
    readonly client: ChatClient,
    readonly listener: Listener,
  ) {
    this.#reader = new Reader(client);
  }

  get state(): ChatState {
    const { state, hidden } = this.#place;
    if (hidden === 0) return state;
    return { ...state, items: state.items.slice(hidden), earlier: state.items[hidden - 1]?.id };
  }

  /** A first message waits for its thread: what is put into the composer now goes with it. */
  get isTemporary(): boolean {
    return this.#place.state.threadId === null && this.#place.isResponding;
  }

  async open(threadId: string | null): Promise<void> {
    const known = threadId === null ? undefined : this.#places.get(threadId);
    const place = known ?? new Place(threadId);
    this.#place = place;
    this.listener.changed();
    this.listener.emit("thread.change", { threadId });
    this.#tellResponding();
    if (known || threadId === null) return;
    this.#places.set(threadId, place);
    await this.#load(place, threadId);
  }

  async #load(place: Place, threadId: string): Promise<void> {
    this.#set(place, { loading: true });
    this.listener.emit("thread.load.start", { threadId });
    try {
      const thread = await this.#reader.read(threadId);
      place.hidden = Math.max(0, thread.items.data.length - SHOWN_AT_FIRST);
      this.#set(place, {
        ...readThread(thread),
        items: thread.items.data,
        loading: false,
        loadFailed: false,
      });
    } catch (error) {
      // Read anew when it is opened again.
      this.#places.delete(threadId);
      this.#set(place, { loading: false, loadFailed: place.state.items.length === 0 });
      this.listener.emit("error", { error });
    } finally {
      this.listener.emit("thread.load.end", { threadId });
    }
  }

  async loadEarlier(): Promise<void> {
    this.#place.hidden = Math.max(0, this.#place.hidden - SHOWN_AT_FIRST);
    this.listener.changed();
  }

  /** Reads the thread again, after the end of an answer that is being written. */
  async fetchUpdates(): Promise<void> {
    const place = this.#place;
    const { threadId } = place.state;
    if (!threadId) return;
    while (place.isResponding) await this.#changes();
    this.#places.set(threadId, place);
    await this.#load(place, threadId);
  }

  async send(
    content: UserMessageContent[],
    { quote = "", attachments = [], onTaken = () => {} }: SendOptions = {},
  ): Promise<void> {
    const place = this.#place;
    const { threadId } = place.state;
    const input = {
      content,
      attachments,
      inference_options: {},
      ...(quote && { quoted_text: quote }),
    };
    await (threadId
      ? this.#stream(place, "threads.add_user_message", { thread_id: threadId, input }, { onTaken })
      : this.#stream(place, "threads.create", { input }, { onTaken }));
  }

  /** Answers what the assistant wanted to know; its own answer goes on in the same stream. */
  async submitInput(item: StructuredInputItem, input: InputSubmission): Promise<void> {
    const place = this.#place;
    const { threadId } = place.state;
    if (!threadId || place.isResponding) return;
    const params = { thread_id: threadId, item_id: item.id, input };
    await this.#stream(place, "threads.add_structured_input", params, {});
  }

  /** Answers the last message anew. What is there stays until the first of the new answer comes. */
  async retry(): Promise<void> {
    const place = this.#place;
    const { threadId, items } = place.state;
    const asked = lastUserMessage(items);
    if (!threadId || !asked) return;
    const params = { thread_id: threadId, item_id: asked.id };
    await this.#stream(place, "threads.retry_after_item", params, { after: asked.id });
  }

  /** Of an answer that is only followed there is no request to abort: the page is told. */
  stop(): void {
    const place = this.#place;
    if (!place.isResponding || place.stopped || this.isTemporary) return;
    place.stopped = true;
    place.abort?.abort(new DOMException("Stopped", "AbortError"));
    this.listener.emit("response.stop");
  }

  /** An action of the page's own, such as following a run: it may stream a whole answer. */
  async sendAction(action: ActionConfig, itemId?: string): Promise<void> {
    const place = this.#place;
    const { threadId, loading } = place.state;
    if (!threadId) throw new Error("There is no thread");
    if (place.isResponding) throw new Error("An answer is being written");
    if (loading) throw new Error("The thread is being loaded");
    await this.#action(place, {
      thread_id: threadId,
      ...(itemId ? { item_id: itemId } : {}),
      action: { type: action.type, payload: action.payload },
    });
  }

  /**
   * A click in a widget. While an answer is being written it does something only if its action does
   * not stream.
   */
  async act(action: ActionConfig, item: ThreadItem): Promise<void> {
    const place = this.#place;
    const { threadId, acting } = place.state;
    if (!threadId || acting) return;
    if (action.streaming !== false && place.isResponding) return;
    const params = {
      thread_id: threadId,
      item_id: item.id,
      action: { type: action.type, payload: action.payload ?? null },
    };
    this.#set(place, { acting: item.id, error: undefined });
    try {
      if (action.streaming === false) {
        const { updated_item } = await this.client.act(params);
        if (updated_item) this.#apply(place, { type: "thread.item.replaced", item: updated_item });
      } else await this.#action(place, params);
    } catch {
      const message = "This did not work. Try again.";
      this.#apply(place, { type: "error", code: "custom", message });
    } finally {
      this.#set(place, { acting: undefined });
    }
  }

  async rate(itemId: string, kind: "positive" | "negative"): Promise<void> {
    const place = this.#place;
    const { threadId, feedback } = place.state;
    if (!threadId) return;
    this.#set(place, { feedback: { ...feedback, [itemId]: kind } });
    await this.client
      .sendFeedback(threadId, itemId, kind)
      .catch(() => this.#set(place, { feedback }));
  }

  /** The stream of an action: an answer is being written from its first item on. */
  async #action(place: Place, params: Record<string, unknown>): Promise<void> {
    const signal = new AbortController().signal;
    try {
      for await (const event of this.client.stream("threads.custom_action", params, signal)) {
        const begins = event.type === "thread.item.added" || event.type === "progress_update";
        if (begins && !place.isResponding) {
          place.stopped = false;
          this.#set(place, { phase: "responding", error: undefined, notices: [] });
        }
        this.#apply(place, event);
      }
    } finally {
      place.stopped = false;
      this.#set(place, { phase: "idle", progress: undefined });
    }
  }

  /** The stream of an answer of this tab's own. */
  async #stream(
    place: Place,
    type: string,
    params: Record<string, unknown>,
    options: { after?: string; onTaken?: () => void },
  ): Promise<void> {
    if (place.isResponding) throw new Error("An answer is being written");
    const abort = new AbortController();
    let begun = false;
    place.abort = abort;
    place.stopped = false;
    this.#set(place, { phase: "sending", error: undefined, notices: [], progress: undefined });
    try {
      for await (const event of this.client.stream(type, params, abort.signal)) {
        if (!begun && event.type !== "stream_options" && event.type !== "error") {
          begun = true;
          this.#set(place, { phase: "responding", ...cutAfter(place.state.items, options.after) });
          options.onTaken?.();
        }
        this.#apply(place, event);
      }
    } catch (error) {
      if (!abort.signal.aborted) {
        const message = "The connection was lost. Try again.";
        this.#apply(place, { type: "error", code: "custom", message, allow_retry: begun });
        this.listener.emit("error", { error });
      }
    }
    place.abort = undefined;
    place.stopped = false;
    this.#set(place, { phase: "idle", progress: undefined });
  }

  #apply(place: Place, event: StreamEvent): void {
    if (place.stopped) return;
    if (event.type === "client_effect") {
      this.listener.emit("effect", { name: event.name, data: event.data ?? {} });
    }
    const created = event.type === "thread.created" && event.thread.id !== place.state.threadId;
    this.#set(place, applyEvent(place.state, event));
    if (!created) return;
    this.#places.set(event.thread.id, place);
    if (place === this.#place) this.listener.emit("thread.change", { threadId: event.thread.id });
  }

  readonly #waiting = new Set<() => void>();

  #changes(): Promise<void> {
    return new Promise((resume) => this.#waiting.add(resume));
  }

  #set(place: Place, change: Partial<ChatState>): void {
    place.state = { ...place.state, ...change };
    if (place === this.#place) this.listener.changed();
    this.#tellResponding();
    for (const resume of this.#waiting) resume();
    this.#waiting.clear();
  }

  /** An answer is being written in the open thread, or no longer: also by opening another one. */
  #tellResponding(): void {
    const now = this.#place.isResponding;
    if (now === this.#wasResponding) return;
    this.#wasResponding = now;
    this.listener.emit(now ? "response.start" : "response.end");
  }
}

function cutAfter(items: readonly ThreadItem[], id: string | undefined): Partial<ChatState> {
  if (id === undefined) return {};
  const last = items.findIndex((item) => item.id === id);
  return { items: items.slice(0, last + 1) };
}
