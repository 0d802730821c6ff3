import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { type App, launchBrowser, newPerson, openApp } from "./support/browser";
import { startHeldSystem } from "./support/heldModel";

const browser = launchBrowser();
const LONG = "tell me a story about a lighthouse keeper and the sea";

/** So long a rest is watched; `REST_SECONDS=60` for the whole minute. */
const REST_MS = Number(process.env.REST_SECONDS ?? 8) * 1_000;

describe("story 2: several tabs", () => {
  it("shows message and growing answer in the other tab before the first has finished", async () => {
    const system = await startHeldSystem();
    const { context } = await newPerson(browser(), { url: system.url });
    const one = await openApp(context);
    await one.ask("hello");
    const two = await openApp(context);
    await two.answers.first().waitFor();

    system.hold();
    await one.send(LONG);
    await two.userMessages.filter({ hasText: LONG }).waitFor();
    await two.answers.nth(1).waitFor();
    expect(await one.stopButton.isVisible()).toBe(true);
    const early = await two.lastAnswer();
    system.release();
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

    await lookAgain(here);
    await here.userMessages.filter({ hasText: "feed the cat" }).waitFor();
    await here.row("Feed the cat").waitFor();
    await Promise.all([context.close(), elsewhere.close()]);
  });

  it("stops an answer from a tab that only follows it", async () => {
    const system = await startHeldSystem();
    const { context } = await newPerson(browser(), { url: system.url });
    const one = await openApp(context);
    await one.ask("hello");
    const two = await openApp(context);
    await two.answers.first().waitFor();
    system.hold();
    await one.send(LONG);
    await two.answers.nth(1).waitFor();
    const stopped = two.page.waitForResponse(
      (response) => response.request().method() === "DELETE" && response.url().endsWith("/run"),
    );
    await two.stopButton.click();
    expect((await stopped).status()).toBe(202);
    await one.sendButton.waitFor();
    await two.sendButton.waitFor();
    expect(await one.lastAnswer()).not.toMatch(/tasks”\.$/);
    await expect.poll(() => two.lastAnswer()).toBe(await one.lastAnswer());
    await context.close();
  });

  it("shows messages sent in turn from two tabs, and in another browser, as fast as they go", async () => {
    const { context, name } = await newPerson(browser());
    const one = await openApp(context);
    await one.ask("create a task called errand 0");
    const two = await openApp(context);
    await two.answers.first().waitFor();
    const { context: elsewhere } = await newPerson(browser(), { name });
    const far = await openApp(elsewhere);
    await far.history.open();
    await far.history.choose("create a task called errand 0");
    await far.answers.first().waitFor();
    for (let n = 1; n <= 20; n++) {
      const app = n % 2 ? two : one;
      await app.userMessages.nth(n - 1).waitFor();
      await app.sendButton.waitFor();
      await app.ask(`create a task called errand ${n}`);
    }
    await lookAgain(far);
    for (const app of [one, two, far]) {
      await expect.poll(() => app.answers.count(), { timeout: 10_000 }).toBe(21);
      await app.sendButton.waitFor();
    }
    const said = await one.conversation();
    expect(said.match(/called errand \d+/g)).toEqual(
      Array.from({ length: 21 }, (_, n) => `called errand ${n}`),
    );
    await expect.poll(() => two.conversation()).toBe(said);
    await expect.poll(() => far.conversation()).toBe(said);
    await Promise.all([context.close(), elsewhere.close()]);
  }, 240_000);

  it("sends nothing at rest, and little when something happens", async () => {
    const { context } = await newPerson(browser());
    const one = await openApp(context);
    await one.ask("create a task to feed the cat");
    const two = await openApp(context);
    await two.answers.first().waitFor();
    await two.page.waitForTimeout(3_500);
    const sent = countRequests(two.page);

    await two.page.waitForTimeout(REST_MS);
    expect(sent(), "at rest").toEqual([]);

    await lookAgain(two);
    await two.page.waitForTimeout(2_500);
    expect(sent().length, "after a look").toBeLessThanOrEqual(4);

    await one.ask("create a task to water the plants");
    await two.answers.nth(1).waitFor();
    await two.row("Water the plants").waitFor();
    await two.page.waitForTimeout(2_500);
    expect(sent().length, "after another tab's message").toBeLessThanOrEqual(4);

    await context.setOffline(true);
    await two.connection.getByText("Disconnected").waitFor();
    sent();
    await context.setOffline(false);
    await two.connection.getByText("Disconnected").waitFor({ state: "detached" });
    await two.page.waitForTimeout(2_500);
    expect(sent().length, "after a reconnection").toBeLessThanOrEqual(4);

    await two.page.waitForTimeout(REST_MS);
    expect(sent(), "at rest again").toEqual([]);
    await context.close();
  }, 240_000);
});

/** The person comes back to the tab, after a while. */
async function lookAgain(app: App): Promise<void> {
  await app.page.waitForTimeout(3_100);
  await app.page.evaluate(() => window.dispatchEvent(new Event("focus")));
}

/** The requests to our server since the last call. */
function countRequests(page: Page): () => string[] {
  const sent: string[] = [];
  page.on("request", (request) => {
    const { hostname, pathname } = new URL(request.url());
    if (hostname === "127.0.0.1") sent.push(`${request.method()} ${pathname}`);
  });
  return () => sent.splice(0);
}
