import type { BrowserContext, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { App, launchBrowser, newPerson, openApp } from "./support/browser";
import { CDN, ELEMENT } from "./support/chatkit";

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

describe.runIf(ELEMENT === "fallback")("OpenAI's ChatKit", () => {
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

describe.runIf(ELEMENT === "chatkit")("OpenAI's ChatKit itself", () => {
  it("sends nothing elsewhere, and keeps to the page's policy", async () => {
    const { context } = await newPerson(browser());
    const hosts = new Set<string>();
    const refused: string[] = [];
    context.on("request", (request) => hosts.add(new URL(request.url()).hostname));
    context.on("console", (message) => {
      if (message.text().includes("Content Security Policy")) refused.push(message.text());
    });
    const app = await openApp(context);
    await app.ask("create a task to feed the cat");
    await app.page.waitForTimeout(3_000);
    expect([...hosts].sort()).toEqual(["127.0.0.1", "cdn.platform.openai.com"]);
    expect(refused).toEqual([]);
    await context.close();
  });

  it("is replaced by the fallback where its frame's scripts do not come", async () => {
    const { context } = await newPerson(browser());
    await context.route("https://cdn.platform.openai.com/assets/**", (route) => route.abort());
    const page = await context.newPage();
    await page.goto("/");
    const app = new App(page, "fallback");
    await app.field.waitFor({ timeout: 20_000 });
    await app.ask("create a task to feed the cat");
    await app.row("Feed the cat").waitFor();
    await context.close();
  });

  it("is replaced by the fallback where its frame no longer answers, with the thread", async () => {
    const { context } = await newPerson(browser());
    const app = await openApp(context);
    await app.ask("create a task to feed the cat");
    const frame = app.page.frames().find((one) => one.url().includes("cdn.platform.openai.com"));
    if (!frame) throw new Error("There is no frame");
    await frame.goto("about:blank");
    await app.page.evaluate(() => window.dispatchEvent(new Event("focus")));
    const fallback = new App(app.page, "fallback");
    await fallback.answers.first().waitFor({ timeout: 20_000 });
    expect(await fallback.userMessages.first().innerText()).toContain("feed the cat");
    await context.close();
  });
});
