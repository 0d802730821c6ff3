import { FallbackChatKit } from "./element";

const NAMES = ["openai-chatkit", "fallback-chatkit"];

/** Defines the element by the first name that is free, and returns it. */
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
