import { describe, expect, it } from "vitest";
import { launchBrowser, newPerson, openApp } from "./support/browser";

const browser = launchBrowser();
const LONG = "tell me a story about a lighthouse keeper and the sea";

describe("story 2: several tabs", () => {
  it("shows message and growing answer in the other tab before the first has finished", async () => {
    const { context } = await newPerson(browser());
    const one = await openApp(context);
    await one.ask("hello");
    const two = await openApp(context);
    await two.answers.first().waitFor();

    await one.send(LONG);
    await two.userMessages.filter({ hasText: LONG }).waitFor();
    await two.answers.nth(1).waitFor();
    expect(await one.stopButton.isVisible()).toBe(true);
    const early = await two.lastAnswer();
    await one.sendButton.waitFor();
    await two.sendButton.waitFor();
    const whole = await one.lastAnswer();
    expect(early.length).toBeLessThan(whole.length);
    await expect.poll(() => two.lastAnswer()).toBe(whole);
    expect(await two.answers.count()).toBe(2);
    await context.close();
  });

  it("shows the answer in progress in a tab that is closed and opened again", async () => {
    const { context } = await newPerson(browser());
    const one = await openApp(context);
    await one.ask("hello");
    await one.send(LONG);
    await one.answers.nth(1).waitFor();
    await one.page.close();
    const again = await openApp(context);
    await again.answers.nth(1).waitFor();
    await again.sendButton.waitFor();
    await expect.poll(() => again.lastAnswer(), { timeout: 15_000 }).toMatch(/tasks”\.$/);
    await context.close();
  });

  it("reloads in the middle of an answer without losing any of it", async () => {
    const { context } = await newPerson(browser());
    const app = await openApp(context);
    await app.send(LONG);
    await app.answers.first().waitFor();
    await app.page.reload();
    await app.answers.first().waitFor();
    await expect.poll(() => app.lastAnswer(), { timeout: 15_000 }).toMatch(/tasks”\.$/);
    expect(await app.answers.count()).toBe(1);
    expect(await app.userMessages.count()).toBe(1);
    await context.close();
  });

  it("lets each tab have its own thread, and tools work in both at once", async () => {
    const { context } = await newPerson(browser());
    const one = await openApp(context);
    await one.ask("hello");
    const two = await openApp(context);
    await two.answers.first().waitFor();
    await two.openNewThread();

    await Promise.all([
      one.ask("create a task to water the plants"),
      two.ask("create a task to feed the cat"),
    ]);
    for (const app of [one, two]) {
      await app.row("Water the plants").waitFor();
      await app.row("Feed the cat").waitFor();
      expect(await app.rows.count()).toBe(2);
    }
    expect(await one.userMessages.allInnerTexts()).toHaveLength(2);
    expect(await two.userMessages.allInnerTexts()).toHaveLength(1);
    await two.page.reload();
    await two.userMessages.first().waitFor();
    expect(await two.userMessages.first().innerText()).toContain("feed the cat");
    await context.close();
  });

  it("shows what was done on another device when the tab is looked at again", async () => {
    const { context, name } = await newPerson(browser());
    const here = await openApp(context);
    await here.ask("hello");
    const { context: elsewhere } = await newPerson(browser(), { name });
    const there = await openApp(elsewhere);
    await there.history.open();
    await there.history.choose("hello");
    await there.answers.first().waitFor();
    await there.ask("create a task to feed the cat");

    await here.page.waitForTimeout(3_000);
    await here.page.evaluate(() => window.dispatchEvent(new Event("focus")));
    await here.userMessages.filter({ hasText: "feed the cat" }).waitFor();
    await here.row("Feed the cat").waitFor();
    await Promise.all([context.close(), elsewhere.close()]);
  });
});
