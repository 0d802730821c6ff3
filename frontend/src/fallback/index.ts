import { FallbackChatKit } from "./element";

const NAMES = ["openai-chatkit", "fallback-chatkit"];

/** Defines the element with the first free tag name, and returns the name. */
export function defineFallback(): string {
  for (const name of NAMES) {
    const known = customElements.get(name);
    if (known && "isFallback" in known) return name;
    if (known) continue;
    customElements.define(name, class extends FallbackChatKit {});
    return name;
  }
  throw new Error("Every name of the chat's element is taken");
}
