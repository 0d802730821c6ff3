/** The element that the page has: OpenAI's, or our own small one. */
export interface ChatSource {
  kind: "cdn" | "fallback";
  /** The element's name. */
  tag: string;
  /** Ask OpenAI's element to send nothing but what it needs. */
  quiet: boolean;
}

export const CHATKIT_URL = "https://cdn.platform.openai.com/deployments/chatkit/chatkit.js";

const ELEMENT = "openai-chatkit";
const TIMEOUT_MS = 8_000;

/** Defines the fallback's element, and says by which name. */
export type LoadFallback = () => Promise<string>;

/**
 * Defines the element: from OpenAI's CDN, or, where that cannot be reached in time or the fallback
 * is wanted, from our own bundle. Rejects when neither can be loaded.
 */
export async function loadChatKit(
  loadFallback: LoadFallback,
  options: { forced?: boolean; timeoutMs?: number } = {},
): Promise<ChatSource> {
  if (!options.forced && (await loadScript(options.timeoutMs ?? TIMEOUT_MS))) {
    return { kind: "cdn", tag: ELEMENT, quiet: true };
  }
  return { kind: "fallback", tag: await loadFallback(), quiet: false };
}

async function loadScript(timeoutMs: number): Promise<boolean> {
  const known = customElements.get(ELEMENT);
  if (known) return !("isFallback" in known);
  const script = document.createElement("script");
  script.src = CHATKIT_URL;
  script.async = true;
  const failed = new Promise<false>((resolve) => {
    script.onerror = () => resolve(false);
    setTimeout(() => resolve(false), timeoutMs);
  });
  document.head.append(script);
  const defined = customElements.whenDefined(ELEMENT).then(() => true);
  const loaded = await Promise.race([defined, failed]);
  // A script that comes too late would define the element a second time.
  if (!loaded) script.remove();
  return loaded;
}

/** The switch: `?chat=fallback`, `taskchat.chat` in the local storage, or `VITE_CHAT` at build. */
export function isFallbackForced(): boolean {
  const choices = [
    new URLSearchParams(location.search).get("chat"),
    localStorage.getItem("taskchat.chat"),
    import.meta.env.VITE_CHAT,
  ];
  return choices.find((choice) => choice) === "fallback";
}
