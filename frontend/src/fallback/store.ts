import type { ChatKitOptions } from "@openai/chatkit";
import type { Chip } from "./attachments/tray";
import type { ChatState } from "./place";

export interface View {
  options: ChatKitOptions;
  chat: ChatState;
  history: boolean;
  draft: string;
  quote: string;
  chips: readonly Chip[];
  /** A message about files that could not be attached. */
  attachError: string | undefined;
}

/** The element's state, as an external store for React. */
export class Store {
  #view: View | undefined;
  readonly #listeners = new Set<() => void>();

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  read = (): View => {
    if (!this.#view) throw new Error("There is nothing to show yet");
    return this.#view;
  };

  set(view: View): void {
    this.#view = view;
    for (const listener of this.#listeners) listener();
  }
}
