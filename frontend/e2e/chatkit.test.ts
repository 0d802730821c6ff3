import type { BrowserContext, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { App, launchBrowser, newPerson, openApp } from "./support/browser";
import { CDN } from "./support/chatkit";

const browser = launchBrowser();

/** The options that this version knows; it checks them strictly, as OpenAI's does. */
const KNOWN =
  "api composer disableTelemetry disclaimer entities frameTitle header history initialThread " +
  "startScreen theme thread threadItemActions";

/** What the stand-in for OpenAI's element does with the options that it is given. */
const BEHAVIOURS = {
  works: "this.options = options; window.chatkitOptions = options; this.alive = true;",
  "has a frame without scripts": "",
  "does not take the option for telemetry": `
    if ("disableTelemetry" in options) this.emit("error", { error: fatal });
    else { window.chatkitOptions = options; this.alive = true; }`,
  "takes no options": `this.emit("error", { error: fatal });`,
  "is not allowed here": `
    this.alive = true;
    setTimeout(() => {
      this.emit("error", { error: Object.assign(new Error("domain"), { name: "IntegrationError" }) });
      this.shadowRoot.replaceChildren();
    }, 300);`,
};

/** As much of OpenAI's element as shows what the page gives it, and what it does when that fails. */
const standIn = (behaviour: keyof typeof BEHAVIOURS) => `
const fatal = Object.assign(new Error("Invalid input"), { name: "FatalAppError" });
customElements.define("openai-chatkit", class extends HTMLElement {
  alive = false;
  connectedCallback() { this.attachShadow({ mode: "open" }).append(document.createElement("iframe")); }
  emit(name, detail) {
    setTimeout(() => this.dispatchEvent(new CustomEvent("chatkit." + name, { detail })));
  }
  setOptions(options) {
    const unknown = Object.keys(options).find((name) => !"${KNOWN}".split(" ").includes(name));
    if (unknown) return this.emit("error", { error: fatal });
    this.emit("ready");
    ${BEHAVIOURS[behaviour]}
  }
  hideHistory() { return this.alive ? Promise.resolve() : new Promise(() => {}); }
  async fetchUpdates() {}
  async sendCustomAction() {}
  async setThreadId() {}
  async setComposerValue() {}
});`;

async function serve(context: BrowserContext, behaviour: keyof typeof BEHAVIOURS) {
  await context.route(CDN, (route) =>
    route.fulfill({ contentType: "text/javascript", body: standIn(behaviour) }),
  );
}

const options = (page: Page) =>
  page.evaluate(
    () => (window as unknown as { chatkitOptions: Record<string, never> }).chatkitOptions,
  );

describe("OpenAI's ChatKit", () => {
  it("is used where it can be loaded, and the fallback then never is", async () => {
    const { context } = await newPerson(browser());
    await serve(context, "works");
    const page = await context.newPage();
    const loaded: string[] = [];
    page.on("request", (request) => loaded.push(request.url()));
    await page.goto("/");
    await page.waitForFunction(() => "chatkitOptions" in window);
    const given = await page.evaluate(() => {
      const { api, theme, history, startScreen, threadItemActions, entities, ...rest } = (
        window as unknown as { chatkitOptions: Record<string, Record<string, unknown>> }
      ).chatkitOptions;
      return {
        url: api?.url,
        domainKey: api?.domainKey,
        fetch: typeof api?.fetch,
        scheme: theme?.colorScheme,
        history,
        prompts: (startScreen?.prompts as unknown[] | undefined)?.length,
        threadItemActions,
        search: typeof entities?.onTagSearch,
        disableTelemetry: rest.disableTelemetry,
      };
    });
    expect(given).toEqual({
      url: "/api/chatkit",
      domainKey: expect.any(String),
      fetch: "function",
      scheme: "light",
      history: { enabled: true, showDelete: true, showRename: true },
      prompts: 4,
      threadItemActions: { feedback: true, retry: true },
      search: "function",
      disableTelemetry: true,
    });
    expect(loaded.filter((url) => url.includes("fallback"))).toEqual([]);
    await context.close();
  });

  it("is given fewer options where it does not take the one against telemetry", async () => {
    const { context } = await newPerson(browser());
    await serve(context, "does not take the option for telemetry");
    const page = await context.newPage();
    await page.goto("/");
    await page.waitForFunction(() => "chatkitOptions" in window);
    expect(Object.keys(await options(page))).not.toContain("disableTelemetry");
    await context.close();
  });

  it.each([
    ["has a frame without scripts", "silent"],
    ["takes no options", "options"],
    ["is not allowed here", "removed"],
  ] as const)("that %s is replaced by the fallback, with its thread", async (behaviour, reason) => {
    const { context } = await newPerson(browser());
    const before = await openApp(context);
    await before.ask("hello");
    await before.page.close();
    await serve(context, behaviour);
    const page = await context.newPage();
    const lines: string[] = [];
    page.on("console", (message) => lines.push(message.text()));
    await page.goto("/");
    const app = new App(page);
    await app.answers.first().waitFor({ timeout: 20_000 });
    await page.getByText("A simpler one has taken its place").waitFor();
    await app.ask("create a task to feed the cat");
    await app.row("Feed the cat").waitFor();
    expect(lines).toContain(`Taskchat: the fallback chat is used (${reason})`);
    const marks = await page.evaluate(() =>
      performance
        .getEntriesByName("taskchat.chat.fallback")
        .map((mark) => (mark as PerformanceMark).detail),
    );
    expect(marks).toEqual([{ reason }]);
    await context.close();
  });

  it("is replaced by the fallback where it cannot be loaded, which says so", async () => {
    const { context } = await newPerson(browser());
    const app = await openApp(context);
    await app.page.getByText("in place of OpenAI’s ChatKit").waitFor();
    await context.close();
  });

  it("is not even asked for where the fallback is chosen", async () => {
    const { context } = await newPerson(browser());
    const asked: string[] = [];
    context.on("request", (request) => asked.push(request.url()));
    await openApp(context, "/?chat=fallback");
    expect(asked.filter((url) => url.includes("openai.com"))).toEqual([]);
    await context.close();
  });
});
