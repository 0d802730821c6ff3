import { useEffect, useSyncExternalStore } from "react";
import type { ConnectionReporter } from "../api/send";

export type ConnectionStatus = "online" | "reconnecting" | "offline";

const FIRST_DELAY_MS = 300;
const LONGEST_DELAY_MS = 15_000;
/** After this long without a failure, the next failure counts as the first. */
const STABLE_MS = 30_000;

/**
 * Tracks whether the backend can be reached, from the browser's events and the reports of requests
 * and streams. While it cannot be reached, it is probed with exponential backoff. Jitter keeps all
 * pages from coming back at the same moment.
 */
export class ConnectionMonitor implements ConnectionReporter {
  #status: ConnectionStatus = navigator.onLine ? "online" : "offline";
  #failures = 0;
  #lastFailure = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #onChange = new Set<() => void>();
  readonly #onReturn = new Set<() => void>();

  /** `probe` resolves to whether the backend responds. */
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

  /** Calls `listener` on each change of the status, until the returned function is called. */
  subscribe = (listener: () => void): (() => void) => {
    this.#onChange.add(listener);
    return () => this.#onChange.delete(listener);
  };

  /** Calls `listener` when the connection returns, until the returned function is called. */
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

  /** Doubles with each failure. Jitter picks a value from half of the delay to all of it. */
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

/** A probe that requests a URL. Any success within five seconds counts as a response. */
export function probeUrl(url: string): () => Promise<boolean> {
  return async () =>
    (await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(5_000) })).ok;
}
