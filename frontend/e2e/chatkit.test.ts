import { describe, expect, it } from "vitest";
import { launchBrowser, newPerson, openApp } from "./support/browser";

const browser = launchBrowser();
const CDN = "https://cdn.platform.openai.com/**";

/** As much of ChatKit as shows what the page gives it. */
const STUB = `
customElements.define("openai-chatkit", class extends HTMLElement {
  setOptions(options) { this.options = options; window.chatkitOptions = options; }
  async fetchUpdates() {}
  async sendCustomAction() {}
  async setThreadId() {}
});`;

describe("OpenAI's ChatKit", () => {
  it("is used where it can be loaded, and the fallback then never is", async () => {
    const { context } = await newPerson(browser());
    await context.route(CDN, (route) =>
      route.fulfill({ contentType: "text/javascript", body: STUB }),
    );
    const page = await context.newPage();
    const loaded: string[] = [];
    page.on("request", (request) => loaded.push(request.url()));
    await page.goto("/");
    await page.waitForFunction(() => "chatkitOptions" in window);
    const options = await page.evaluate(() => {
      const { api, theme, history, startScreen, threadItemActions, entities } = (
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
      };
    });
    expect(options).toEqual({
      url: "/api/chatkit",
      domainKey: expect.any(String),
      fetch: "function",
      scheme: "light",
      history: { enabled: true, showDelete: true, showRename: true },
      prompts: 4,
      threadItemActions: { feedback: true, retry: true },
      search: "function",
    });
    expect(loaded.filter((url) => url.includes("fallback"))).toEqual([]);
    await context.close();
  });

  it("is replaced by the fallback where it cannot, which says so", async () => {
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
