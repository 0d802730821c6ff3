import type { OpenAIChatKit } from "@openai/chatkit";
import { describe, expect, it } from "vitest";
import { App, launchBrowser, newPerson, openApp } from "./support/browser";

const browser = launchBrowser();

describe("OpenAI's ChatKit itself", () => {
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

  it("is replaced by the fallback where its frame no longer answers, with thread and text", async () => {
    const { context } = await newPerson(browser());
    const app = await openApp(context);
    await app.ask("create a task to feed the cat");
    await context.setOffline(true);
    await app.send("and one to water the plants");
    await app.chatError("was not sent").waitFor();
    await context.setOffline(false);
    const frame = app.page.frames().find((one) => one.url().includes("cdn.platform.openai.com"));
    if (!frame) throw new Error("There is no frame");
    await frame.goto("about:blank");
    await app.page.evaluate(() => window.dispatchEvent(new Event("focus")));
    const fallback = new App(app.page, "fallback");
    await fallback.answers.first().waitFor({ timeout: 20_000 });
    expect(await fallback.userMessages.first().innerText()).toContain("feed the cat");
    expect(await fallback.typed()).toBe("and one to water the plants");
    await context.close();
  });

  it("is told in words why a thread cannot be read", async () => {
    const { context } = await newPerson(browser());
    const app = await openApp(context);
    const told = app.page.evaluate(() => {
      const element = document.querySelector("openai-chatkit") as OpenAIChatKit;
      return element.setThreadId("thr_none").catch((error: Error) => error.message);
    });
    expect(await told).toBe("The thread does not exist.");
    await context.close();
  });
});
