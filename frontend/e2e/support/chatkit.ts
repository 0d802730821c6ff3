import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import type { BrowserContext, Route } from "playwright-core";

/** Which of the two elements the tests run with: see `make e2e-chatkit`. */
export const ELEMENT: "chatkit" | "fallback" =
  process.env.E2E_ELEMENT === "chatkit" ? "chatkit" : "fallback";

const HOST = "cdn.platform.openai.com";
export const CDN = `https://${HOST}/**`;
const BUNDLE = process.env.CHATKIT_BUNDLE;
const TYPES: Record<string, string> = {
  ".js": "text/javascript",
  ".css": "text/css",
  ".html": "text/html",
  ".svg": "image/svg+xml",
};

/** What the browser may reach beside this machine: OpenAI's CDN, if no folder stands for it. */
export const REACHABLE = ELEMENT === "chatkit" && !BUNDLE ? [HOST] : [];

/** Has the folder answer in the place of OpenAI's CDN; a file that it lacks cannot be loaded. */
export async function serveChatKit(context: BrowserContext): Promise<void> {
  if (ELEMENT === "chatkit" && BUNDLE) await context.route(CDN, (route) => answer(route, BUNDLE));
}

async function answer(route: Route, folder: string): Promise<void> {
  const { pathname } = new URL(route.request().url());
  const body = await readFile(join(folder, pathname)).catch(() => undefined);
  if (!body) return route.abort();
  await route.fulfill({
    body,
    headers: {
      "Content-Type": TYPES[extname(pathname)] ?? "application/octet-stream",
      "Access-Control-Allow-Origin": "*",
    },
  });
}
