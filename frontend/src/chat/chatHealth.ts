import type { OpenAIChatKit } from "@openai/chatkit";

/**
 * How OpenAI's element failed: its frame did not come to life or no longer answers, it was taken
 * away since the domain is not registered, or it does not take our options.
 */
export type Death = "silent" | "removed" | "options";

const ALIVE_WITHIN_MS = 8_000;
const REMOVED_WITHIN_MS = 500;

/**
 * Watches OpenAI's element, which is a loader with a frame. `chatkit.ready` says only that the frame
 * has been loaded, whether or not its scripts were; a command that is answered says that they run.
 *
 * The frame is asked at the start, and when the page is looked at again. Returns what ends it.
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
    // Of all commands this one changes least; that it is refused is an answer, too.
    void element.hideHistory().then(answered, answered);
  }

  function answered(): void {
    alive = true;
    clearTimeout(timer);
    timer = undefined;
  }

  function failed({ error }: { error?: Error }): void {
    if (!alive && error?.name === "FatalAppError") dead("options");
    // A domain that is not registered: the loader removes the frame, a moment after the error.
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
