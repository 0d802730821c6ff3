import { EMPTY, type Transcript } from "./transcript";

export interface ChatState extends Transcript {
  /** `sending`: not yet taken by the server, so the composer still has the text. */
  phase: "idle" | "sending" | "responding";
  loading: boolean;
  loadFailed: boolean;
  /** The item before the first that is shown, if there is one. */
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

const SHOWN_AT_ONCE = 100;

/** A thread that was opened, or the start screen. It lives on while another one is shown. */
export class Place {
  state: ChatState;
  /** So many of the first items are not shown. */
  #hidden = 0;
  /** Of a stream of this tab's own. */
  abort: AbortController | undefined;
  /** Stop was pressed: what still comes of the stream is left out. */
  stopped = false;

  constructor(threadId: string | null) {
    this.state = { ...START, threadId };
  }

  /** What is shown of it. */
  get view(): ChatState {
    const hidden = this.#hidden;
    if (hidden === 0) return this.state;
    const { items } = this.state;
    return { ...this.state, items: items.slice(hidden), earlier: items[hidden - 1]?.id };
  }

  /** Of so many items, only the last are shown at first. */
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
