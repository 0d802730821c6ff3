import type { ChatKitOptions, CustomApiConfig, OpenAIChatKit } from "@openai/chatkit";
import { createRoot, type Root } from "react-dom/client";
import { Tray } from "./attachments/tray";
import { ChatView } from "./ChatView";
import { ChatClient } from "./client";
import { ComposerModel, type ComposerValue } from "./composerModel";
import { Conversation } from "./conversation";
import { Store } from "./store";
import styles from "./styles.css?inline";

type Base = Pick<
  OpenAIChatKit,
  | "setOptions"
  | "focusComposer"
  | "setThreadId"
  | "sendCustomAction"
  | "sendUserMessage"
  | "setComposerValue"
  | "showHistory"
  | "hideHistory"
  | "fetchUpdates"
>;

const FRAME_MS = 16;

/**
 * A small `<openai-chatkit>` for when OpenAI's cannot be loaded. It has the options, methods,
 * events and protocol that this page and our server use.
 */
export class FallbackChatKit extends HTMLElement implements Base {
  static readonly isFallback = true;

  readonly #store = new Store();
  readonly #client = new ChatClient(() => this.#api());
  // Published at once: if the field's text came a moment later, it would revert newer input.
  readonly #composer = new ComposerModel(() => this.#publish());
  readonly #tray = new Tray(this.#client, () => this.#publish());
  readonly #conversation = new Conversation(this.#client, {
    changed: () => this.#changed(),
    emit: (name, detail) => this.#emit(name, detail),
  });
  #options: ChatKitOptions | undefined;
  #history = false;
  #root: Root | undefined;
  #opened = false;

  connectedCallback(): void {
    this.#start();
  }

  disconnectedCallback(): void {
    this.#root?.unmount();
    this.#root = undefined;
  }

  setOptions(options: ChatKitOptions): void {
    this.#options = options;
    this.#start();
    this.#publish();
  }

  async focusComposer(): Promise<void> {
    this.#composer.focus();
  }

  async setThreadId(threadId: string | null): Promise<void> {
    if (threadId !== this.#conversation.state.threadId) await this.#conversation.open(threadId);
  }

  async sendCustomAction(
    action: { type: string; payload?: Record<string, unknown> },
    itemId?: string,
  ): Promise<void> {
    await this.#conversation.sendAction(action, itemId);
  }

  async sendUserMessage(params: ComposerValue & { newThread?: boolean }): Promise<void> {
    if (params.newThread) await this.#conversation.open(null);
    await this.#conversation.send(
      params.content ?? [{ type: "input_text", text: params.text ?? "" }],
      { quote: params.reply ?? "", attachments: (params.attachments ?? []).map(({ id }) => id) },
    );
  }

  async setComposerValue(params: ComposerValue): Promise<void> {
    if (this.#conversation.isTemporary) return;
    this.#composer.set(params);
    this.#tray.set(params.attachments ?? []);
  }

  async showHistory(): Promise<void> {
    this.#showHistory(true);
  }

  async hideHistory(): Promise<void> {
    this.#showHistory(false);
  }

  async fetchUpdates(): Promise<void> {
    await this.#conversation.fetchUpdates();
  }

  /** Once connected and with options, shows the chat and opens the first thread. */
  #start(): void {
    if (!this.isConnected || !this.#options || this.#root) return;
    const shadow = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    if (shadow.adoptedStyleSheets.length === 0) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(styles);
      shadow.adoptedStyleSheets = [sheet];
    }
    this.#publish();
    this.#root = createRoot(shadow);
    this.#root.render(
      <ChatView
        store={this.#store}
        conversation={this.#conversation}
        composer={this.#composer}
        tray={this.#tray}
        client={this.#client}
        onSubmit={() => void this.#submit()}
        onHistory={(open) => this.#showHistory(open)}
      />,
    );
    if (this.#opened) return;
    this.#opened = true;
    this.#emit("ready");
    const { initialThread } = this.#options;
    if (initialThread) void this.#conversation.open(initialThread);
  }

  async #submit(): Promise<void> {
    const content = this.#composer.content();
    const attachments = this.#tray.ids;
    if (content.length + attachments.length === 0 || this.#tray.uploading) return;
    if (this.#conversation.state.phase !== "idle") return;
    await this.#conversation.send(content, {
      quote: this.#composer.quote,
      attachments,
      onTaken: () => {
        this.#composer.clear();
        this.#tray.clear();
      },
    });
  }

  #showHistory(open: boolean): void {
    this.#history = open;
    this.#emit(open ? "history.open" : "history.close");
    this.#changed();
  }

  #api(): CustomApiConfig {
    const api = this.#options?.api;
    if (!api || !("url" in api)) throw new Error("The fallback needs a backend of one's own");
    return api;
  }

  #emit(name: string, detail?: unknown): void {
    this.dispatchEvent(new CustomEvent(`chatkit.${name}`, { detail }));
  }

  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Shows all changes within a frame together: a stream changes faster than anyone can see. */
  #changed(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#publish();
    }, FRAME_MS);
  }

  #publish(): void {
    if (!this.#options) return;
    this.#store.set({
      options: this.#options,
      chat: this.#conversation.state,
      history: this.#history,
      draft: this.#composer.value,
      quote: this.#composer.quote,
      chips: this.#tray.chips,
      attachError: this.#tray.error,
    });
  }
}
