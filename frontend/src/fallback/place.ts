import { EMPTY, type Transcript } from "./transcript";

export interface ChatState extends Transcript {
  /** `sending`: not yet accepted by the server, so the composer still has the text. */
  phase: "idle" | "sending" | "responding";
  loading: boolean;
  loadFailed: boolean;
  /** The id of the item before the first one shown, if there is one. */
  earlier: string | undefined;
  /** The widget whose action is running. */
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

const SHOWN_AT_ONCE = 100;

/** A thread that was opened, or the start screen. It keeps its state while another one is shown. */
export class Place {
  state: ChatState;
  /** How many of the first items are not shown. */
  #hidden = 0;
  /** Aborts the stream of an answer that this tab has requested. */
  abort: AbortController | undefined;
  /** Stop was pressed. The remaining events of the stream are ignored. */
  stopped = false;

  constructor(threadId: string | null) {
    this.state = { ...START, threadId };
  }

  /** The state without the hidden items. */
  get view(): ChatState {
    const hidden = this.#hidden;
    if (hidden === 0) return this.state;
    const { items } = this.state;
    return { ...this.state, items: items.slice(hidden), earlier: items[hidden - 1]?.id };
  }

  /** Hides all but the last of this many items. */
  hide(items: number): void {
    this.#hidden = Math.max(0, items - SHOWN_AT_ONCE);
  }

  showEarlier(): void {
    this.#hidden = Math.max(0, this.#hidden - SHOWN_AT_ONCE);
  }

  get isResponding(): boolean {
    return this.state.phase !== "idle";
  }
}
