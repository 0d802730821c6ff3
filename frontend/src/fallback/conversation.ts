import type { ChatClient } from "./client";
import type { SendOptions } from "./composerModel";
import { type ChatState, Place } from "./place";
import { type Listener, Places } from "./places";
import type {
  ActionConfig,
  InputSubmission,
  StructuredInputItem,
  ThreadItem,
  UserMessageContent,
} from "./protocol";
import { Reader } from "./reader";
import { cutAfter, lastUserMessage, readThread } from "./transcript";

/**
 * The open thread, or the start screen, with everything that a person can do there.
 *
 * Where the page's hooks depend on it, it behaves like OpenAI's element: see `chat/BEHAVIOUR.md`.
 */
export class Conversation {
  readonly #places: Places;
  readonly #reader: Reader;

  constructor(
    readonly client: ChatClient,
    readonly listener: Listener,
  ) {
    this.#places = new Places(listener);
    this.#reader = new Reader(client);
  }

  get state(): ChatState {
    return this.#places.shown.view;
  }

  /** Whether a first message waits for its thread. Meanwhile `setComposerValue` does nothing. */
  get isTemporary(): boolean {
    return this.#places.shown.state.threadId === null && this.#places.shown.isResponding;
  }

  async open(threadId: string | null): Promise<void> {
    const known = threadId === null ? undefined : this.#places.find(threadId);
    const place = known ?? new Place(threadId);
    this.#places.show(place, threadId);
    if (known || threadId === null) return;
    this.#places.keep(threadId, place);
    await this.#load(place, threadId);
  }

  async #load(place: Place, threadId: string): Promise<void> {
    this.#places.change(place, { loading: true });
    this.listener.emit("thread.load.start", { threadId });
    try {
      const thread = await this.#reader.read(threadId);
      place.hide(thread.items.data.length);
      this.#places.change(place, {
        ...readThread(thread),
        items: thread.items.data,
        loading: false,
        loadFailed: false,
      });
    } catch (error) {
      // So that it is read again when it is opened again.
      this.#places.forget(threadId);
      this.#places.change(place, { loading: false, loadFailed: place.state.items.length === 0 });
      this.listener.emit("error", { error });
    } finally {
      this.listener.emit("thread.load.end", { threadId });
    }
  }

  async loadEarlier(): Promise<void> {
    this.#places.shown.showEarlier();
    this.listener.changed();
  }

  /** Reads the thread again, after the running answer has ended. */
  async fetchUpdates(): Promise<void> {
    const place = this.#places.shown;
    const { threadId } = place.state;
    if (!threadId) return;
    while (place.isResponding) await this.#places.nextChange();
    this.#places.keep(threadId, place);
    await this.#load(place, threadId);
  }

  async send(
    content: UserMessageContent[],
    { quote = "", attachments = [], onTaken = () => {} }: SendOptions = {},
  ): Promise<void> {
    const place = this.#places.shown;
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

  /** Replies to a question of the assistant. Its answer comes in the response's stream. */
  async submitInput(item: StructuredInputItem, input: InputSubmission): Promise<void> {
    const place = this.#places.shown;
    const { threadId } = place.state;
    if (!threadId || place.isResponding) return;
    const params = { thread_id: threadId, item_id: item.id, input };
    await this.#stream(place, "threads.add_structured_input", params, {});
  }

  /** Retries the last message. The old answer stays until the new one begins. */
  async retry(): Promise<void> {
    const place = this.#places.shown;
    const { threadId, items } = place.state;
    const asked = lastUserMessage(items);
    if (!threadId || !asked) return;
    const params = { thread_id: threadId, item_id: asked.id };
    await this.#stream(place, "threads.retry_after_item", params, { after: asked.id });
  }

  /** Stops the answer. The page gets an event: a followed answer has no request to abort. */
  stop(): void {
    const place = this.#places.shown;
    if (!place.isResponding || place.stopped || this.isTemporary) return;
    place.stopped = true;
    place.abort?.abort(new DOMException("Stopped", "AbortError"));
    this.listener.emit("response.stop");
  }

  /** An action of the page itself, such as following a run. It may stream a whole answer. */
  async sendAction(action: ActionConfig, itemId?: string): Promise<void> {
    const place = this.#places.shown;
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
   * A click in a widget. While an answer is being written, only actions that do not stream are
   * performed.
   */
  async act(action: ActionConfig, item: ThreadItem): Promise<void> {
    const place = this.#places.shown;
    const { threadId, acting } = place.state;
    if (!threadId || acting) return;
    if (action.streaming !== false && place.isResponding) return;
    const params = {
      thread_id: threadId,
      item_id: item.id,
      action: { type: action.type, payload: action.payload ?? null },
    };
    this.#places.change(place, { acting: item.id, error: undefined });
    try {
      if (action.streaming === false) {
        const { updated_item } = await this.client.act(params);
        if (updated_item)
          this.#places.apply(place, { type: "thread.item.replaced", item: updated_item });
      } else await this.#action(place, params);
    } catch {
      const message = "This did not work. Try again.";
      this.#places.apply(place, { type: "error", code: "custom", message });
    } finally {
      this.#places.change(place, { acting: undefined });
    }
  }

  async rate(itemId: string, kind: "positive" | "negative"): Promise<void> {
    const place = this.#places.shown;
    const { threadId, feedback } = place.state;
    if (!threadId) return;
    this.#places.change(place, { feedback: { ...feedback, [itemId]: kind } });
    await this.client
      .sendFeedback(threadId, itemId, kind)
      .catch(() => this.#places.change(place, { feedback }));
  }

  /** Reads the stream of an action. It counts as an answer from its first item on. */
  async #action(place: Place, params: Record<string, unknown>): Promise<void> {
    const signal = new AbortController().signal;
    try {
      for await (const event of this.client.stream("threads.custom_action", params, signal)) {
        const begins = event.type === "thread.item.added" || event.type === "progress_update";
        if (begins && !place.isResponding) {
          place.stopped = false;
          this.#places.change(place, { phase: "responding", error: undefined, notices: [] });
        }
        this.#places.apply(place, event);
      }
    } finally {
      place.stopped = false;
      this.#places.change(place, { phase: "idle", progress: undefined });
    }
  }

  /** Reads the stream of an answer that this tab has requested. */
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
    this.#places.change(place, {
      phase: "sending",
      error: undefined,
      notices: [],
      progress: undefined,
    });
    try {
      for await (const event of this.client.stream(type, params, abort.signal)) {
        if (!begun && event.type !== "stream_options" && event.type !== "error") {
          begun = true;
          this.#places.change(place, {
            phase: "responding",
            ...cutAfter(place.state.items, options.after),
          });
          options.onTaken?.();
        }
        this.#places.apply(place, event);
      }
    } catch (error) {
      if (!abort.signal.aborted) {
        const message = "The connection was lost. Try again.";
        this.#places.apply(place, { type: "error", code: "custom", message, allow_retry: begun });
        this.listener.emit("error", { error });
      }
    }
    place.abort = undefined;
    place.stopped = false;
    this.#places.change(place, { phase: "idle", progress: undefined });
  }
}
