import type { App } from "./app";

/** A long answer, and how it ends. */
export const LONG = "tell me a story about a lighthouse keeper and the sea";
export const WHOLE = /completed tasks”\.$/;

/** The id of the thread that is open in the page's tab. */
export function openThread(app: App): Promise<string | undefined> {
  return app.page.evaluate(() =>
    Object.entries(sessionStorage)
      .find(([key]) => key.startsWith("taskchat.thread"))
      ?.at(1),
  );
}
