import type { Death } from "./chatHealth";

/**
 * Tells the operator that the fallback has taken the chat's place, and why: by a line in the
 * console, and by a mark in the browser's performance timeline, which tools for real-user
 * monitoring collect. In the server's access log it shows as a request for the fallback's script.
 */
export function reportFallback(reason: Death | "not loaded"): void {
  performance.mark("taskchat.chat.fallback", { detail: { reason } });
  // biome-ignore lint/suspicious/noConsole: meant for the operator, who has nothing else
  console.warn(`Taskchat: the fallback chat is used (${reason})`);
}
