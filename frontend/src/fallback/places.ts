import { Place } from "./place";
import type { StreamEvent } from "./protocol";
import { applyEvent } from "./transcript";

export interface Listener {
  changed: () => void;
  emit: (name: string, detail?: unknown) => void;
}

/** The threads that were opened, each with its state, and the one that is shown. */
export class Places {
  readonly #kept = new Map<string, Place>();
  readonly #waiting = new Set<() => void>();
  #shown = new Place(null);
  #wasResponding = false;

  constructor(readonly listener: Listener) {}

  get shown(): Place {
    return this.#shown;
  }

  find(threadId: string): Place | undefined {
    return this.#kept.get(threadId);
  }

  keep(threadId: string, place: Place): void {
    this.#kept.set(threadId, place);
  }

  forget(threadId: string): void {
    this.#kept.delete(threadId);
  }

  show(place: Place, threadId: string | null): void {
    this.#shown = place;
    this.listener.changed();
    this.listener.emit("thread.change", { threadId });
    this.#tellResponding();
  }

  change(place: Place, change: Partial<Place["state"]>): void {
    place.state = { ...place.state, ...change };
    if (place === this.#shown) this.listener.changed();
    this.#tellResponding();
    for (const resume of this.#waiting) resume();
    this.#waiting.clear();
  }

  /** Applies an event of its stream to a place. After Stop, events are ignored. */
  apply(place: Place, event: StreamEvent): void {
    if (place.stopped) return;
    if (event.type === "client_effect") {
      this.listener.emit("effect", { name: event.name, data: event.data ?? {} });
    }
    const created = event.type === "thread.created" && event.thread.id !== place.state.threadId;
    this.change(place, applyEvent(place.state, event));
    if (!created) return;
    this.keep(event.thread.id, place);
    if (place === this.#shown) this.listener.emit("thread.change", { threadId: event.thread.id });
  }

  /** Resolves at the next change of any place. */
  nextChange(): Promise<void> {
    return new Promise((resume) => this.#waiting.add(resume));
  }

  /** Emits events when an answer starts or ends in the open thread, or another thread is opened. */
  #tellResponding(): void {
    const now = this.#shown.isResponding;
    if (now === this.#wasResponding) return;
    this.#wasResponding = now;
    this.listener.emit(now ? "response.start" : "response.end");
  }
}
