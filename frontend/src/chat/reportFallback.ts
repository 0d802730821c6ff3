import type { Death } from "./chatHealth";

/**
 * Tells the operator that the fallback is used, and why: in the console, and as a mark in the
 * browser's performance timeline, which tools for real user monitoring collect. The server's access
 * log also has a request for the fallback's script.
 */
export function reportFallback(reason: Death | "not loaded"): void {
  performance.mark("taskchat.chat.fallback", { detail: { reason } });
  // biome-ignore lint/suspicious/noConsole: meant for the operator, who has nothing else
  console.warn(`Taskchat: the fallback chat is used (${reason})`);
}
