import type { OpenAIChatKit } from "@openai/chatkit";

/**
 * How OpenAI's element failed: its frame did not start or no longer responds (`silent`), it was
 * removed because the domain is not registered, or it does not accept our options.
 */
export type Death = "silent" | "removed" | "options";

const ALIVE_WITHIN_MS = 8_000;
const REMOVED_WITHIN_MS = 500;

/**
 * Watches OpenAI's element, which is a loader with a frame. `chatkit.ready` only means that the
 * frame has loaded, even if its scripts have not. A response to a command means that the scripts
 * run.
 *
 * Sends a command at the start, and when the person returns to the page. Returns a function that
 * ends the watching.
 */
export function watchHealth(element: OpenAIChatKit, onDead: (death: Death) => void): () => void {
  const watching = new AbortController();
  const { signal } = watching;
  let alive = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function dead(death: Death): void {
    if (signal.aborted) return;
    watching.abort();
    clearTimeout(timer);
    onDead(death);
  }

  function ask(): void {
    if (signal.aborted || timer !== undefined) return;
    timer = setTimeout(() => dead("silent"), ALIVE_WITHIN_MS);
    // This command changes the least. A rejection is a response, too.
    void element.hideHistory().then(answered, answered);
  }

  function answered(): void {
    alive = true;
    clearTimeout(timer);
    timer = undefined;
  }

  function failed({ error }: { error?: Error }): void {
    if (!alive && error?.name === "FatalAppError") dead("options");
    // If the domain is not registered, the loader removes the frame a moment after the error.
    else setTimeout(() => !hasFrame(element) && dead("removed"), REMOVED_WITHIN_MS);
  }

  element.addEventListener("chatkit.error", (event) => failed(event.detail), { signal });
  const looked = () => document.visibilityState === "visible" && alive && ask();
  document.addEventListener("visibilitychange", looked, { signal });
  addEventListener("focus", looked, { signal });
  ask();
  return () => {
    watching.abort();
    clearTimeout(timer);
  };
}

function hasFrame(element: OpenAIChatKit): boolean {
  return Boolean(element.shadowRoot?.querySelector("iframe"));
}
