/** The element that the page uses: OpenAI's or the fallback. */
export interface ChatSource {
  kind: "cdn" | "fallback";
  /** The element's tag name. */
  tag: string;
  /** Turn off the telemetry of OpenAI's element. */
  quiet: boolean;
}

export const CHATKIT_URL = "https://cdn.platform.openai.com/deployments/chatkit/chatkit.js";

const ELEMENT = "openai-chatkit";
const TIMEOUT_MS = 8_000;

/** Defines the fallback's element. Resolves to its tag name. */
export type LoadFallback = () => Promise<string>;

/**
 * Defines the element. It comes from OpenAI's CDN, or from our own bundle if the CDN does not
 * respond in time or the fallback is forced. Rejects if neither can be loaded.
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
  // A script that arrives too late must not define the element a second time.
  if (!loaded) script.remove();
  return loaded;
}

/** The fallback is forced by `?chat=fallback`, `taskchat.chat` in local storage, or `VITE_CHAT`. */
export function isFallbackForced(): boolean {
  const choices = [
    new URLSearchParams(location.search).get("chat"),
    localStorage.getItem("taskchat.chat"),
    import.meta.env.VITE_CHAT,
  ];
  return choices.find((choice) => choice) === "fallback";
}
