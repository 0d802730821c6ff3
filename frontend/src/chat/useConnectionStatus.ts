import { useEffect, useSyncExternalStore } from "react";
import type { ConnectionReporter } from "../api/send";

export type ConnectionStatus = "online" | "reconnecting" | "offline";

const FIRST_DELAY_MS = 300;
const LONGEST_DELAY_MS = 15_000;
/** So long without a failure, and the next one is the first again. */
const STABLE_MS = 30_000;

/**
 * Knows whether the backend can be reached: from the browser's events, and from what requests and
 * streams report. While it cannot, it is probed, at growing intervals with jitter so that not all
 * pages come back in the same moment.
 */
export class ConnectionMonitor implements ConnectionReporter {
  #status: ConnectionStatus = navigator.onLine ? "online" : "offline";
  #failures = 0;
  #lastFailure = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #onChange = new Set<() => void>();
  readonly #onReturn = new Set<() => void>();

  /** `probe` resolves to whether the backend answers. */
  constructor(
    readonly probe: () => Promise<boolean>,
    readonly random: () => number = Math.random,
  ) {}

  get status(): ConnectionStatus {
    return this.#status;
  }

  /** Follows the browser's events until the returned function is called. */
  start(): () => void {
    const offline = () => this.#set("offline");
    const online = () => this.#reconnect(0);
    addEventListener("offline", offline);
    addEventListener("online", online);
    return () => {
      removeEventListener("offline", offline);
      removeEventListener("online", online);
      clearTimeout(this.#timer);
    };
  }

  /** Calls back on each change of the status. */
  subscribe = (listener: () => void): (() => void) => {
    this.#onChange.add(listener);
    return () => this.#onChange.delete(listener);
  };

  /** Calls back when the connection is there again. */
  onReturn = (listener: () => unknown): (() => void) => {
    this.#onReturn.add(listener);
    return () => this.#onReturn.delete(listener);
  };

  succeeded(): void {
    if (this.#status !== "online") this.#set("online");
  }

  failed(): void {
    if (this.#status === "reconnecting" || !navigator.onLine) return;
    if (performance.now() - this.#lastFailure > STABLE_MS) this.#failures = 0;
    this.#reconnect(this.#nextDelay());
  }

  #reconnect(delayMs: number): void {
    this.#set("reconnecting");
    this.#timer = setTimeout(() => void this.#tryAgain(), delayMs);
  }

  async #tryAgain(): Promise<void> {
    const reached = await this.probe().catch(() => false);
    if (this.#status !== "reconnecting") return;
    if (reached) this.#set("online");
    else this.#reconnect(this.#nextDelay());
  }

  /** Doubles with each failure; from half of it to all of it, by chance. */
  #nextDelay(): number {
    this.#lastFailure = performance.now();
    const longest = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#failures++);
    return longest * (0.5 + this.random() / 2);
  }

  #set(status: ConnectionStatus): void {
    clearTimeout(this.#timer);
    const returned = status === "online" && this.#status !== "online";
    const changed = status !== this.#status;
    this.#status = status;
    if (changed) for (const listener of this.#onChange) listener();
    if (returned) for (const listener of this.#onReturn) listener();
  }
}

/** The connection's state, for display. */
export function useConnectionStatus(monitor: ConnectionMonitor): ConnectionStatus {
  useEffect(() => monitor.start(), [monitor]);
  return useSyncExternalStore(monitor.subscribe, () => monitor.status);
}

/** A probe that asks for a path and takes any success within five seconds for an answer. */
export function probeUrl(url: string): () => Promise<boolean> {
  return async () =>
    (await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(5_000) })).ok;
}
