import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import { afterAll, beforeAll, inject } from "vitest";
import { App } from "./app";
import { REACHABLE, serveChatKit } from "./chatkit";
import { ROOT } from "./system";

export { App } from "./app";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // A frame of a public host, as OpenAI's element is, may otherwise not show pictures from this
  // machine. Deployed, they come from a public host, too.
  "--disable-features=LocalNetworkAccessChecks",
  // Nothing but this machine can be reached: no test may depend on anything else.
  `--host-resolver-rules=${["MAP * ~NOTFOUND", "EXCLUDE 127.0.0.1", ...REACHABLE.map((host) => `EXCLUDE ${host}`)].join(", ")}`,
];

export const DESKTOP = { width: 1360, height: 860 };
export const PHONE = { width: 390, height: 844 };

/** A browser for the tests of a file. */
export function launchBrowser(): () => Browser {
  let browser: Browser;
  beforeAll(async () => {
    const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
    browser = await chromium.launch({ executablePath, args: FLAGS });
  });
  afterAll(async () => {
    await browser.close();
  });
  return () => browser;
}

/** Somebody who has never been here, signed in with the cookie, in a browser of their own. */
export async function newPerson(
  browser: Browser,
  options: BrowserContextOptions & { name?: string; url?: string } = {},
) {
  const {
    name = `ada.${randomUUID().slice(0, 4)}`,
    url = inject("url"),
    ...contextOptions
  } = options;
  const context = await newContext(browser, {
    baseURL: url,
    viewport: DESKTOP,
    timezoneId: "Europe/Berlin",
    locale: "en-GB",
    ...contextOptions,
  });
  const made = await context.request.post("/api/dev/token", { data: { user: name } });
  const { access_token: token } = (await made.json()) as { access_token: string };
  await context.request.post("/api/session", { data: { token } });
  await context.addInitScript((user) => localStorage.setItem("taskchat.user", user), name);
  return { name, url, token, context };
}

/** A browser of its own, in which ChatKit can be loaded where the tests want it. */
export async function newContext(
  browser: Browser,
  options: BrowserContextOptions,
): Promise<BrowserContext> {
  const context = await browser.newContext(options);
  await serveChatKit(context);
  return context;
}

/** The page with tasks and chat, once both are there. */
export async function openApp(context: BrowserContext, path = "/"): Promise<App> {
  const page = await context.newPage();
  await page.goto(path);
  const app = new App(page);
  // While a question is open, OpenAI's element has it in the composer's place.
  await app.field.or(app.skipButton).first().waitFor({ state: "attached" });
  return app;
}

/** So long until what was fading in or moving has come to rest. */
const SETTLED_MS = 700;

/**
 * A picture of the page with the element that the tests run with. With `SCREENSHOTS=1` it replaces
 * the one in the documentation.
 */
export async function takePicture(page: Page, name: string): Promise<void> {
  const forDocs = Boolean(process.env.SCREENSHOTS);
  const parent = join(ROOT, forDocs ? "docs/screenshots" : "frontend/test-results");
  const folder = join(parent, process.env.E2E_ELEMENT ?? "fallback");
  await mkdir(folder, { recursive: true });
  if (forDocs) await page.waitForTimeout(SETTLED_MS);
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
