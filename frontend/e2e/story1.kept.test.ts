import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { launchBrowser, newPerson, openApp, takePicture } from "./support/browser";

const browser = launchBrowser();
const ASK = "create a task called buy groceries and one to call mom tomorrow at 5pm";

describe("story 1: conversations that are kept", () => {
  it("keeps the conversation over a reload, and what it was about", async () => {
    const { context } = await newPerson(browser());
    const app = await openApp(context);
    await app.ask("create a task to water the plants");
    await app.ask("create a task to call mom tomorrow at 5pm");
    const before = await app.answers.allInnerTexts();
    await app.page.reload();
    await app.answers.nth(1).waitFor();
    expect(await app.answers.allInnerTexts()).toEqual(before);
    await app.ask("mark it done");
    await app.row("Call mom").waitFor({ state: "detached" });
    await app.row("Water the plants").waitFor();
    await app.page.getByRole("radio", { name: "Done" }).check();
    await app.row("Call mom").waitFor();
    expect(await app.rows.count()).toBe(1);
    await context.close();
  });

  it("gives each time in a stream with its offset, the same that is stored", async () => {
    const { context } = await newPerson(browser(), { timezoneId: "America/Los_Angeles" });
    const app = await openApp(context);
    await keepAnswers(app.page);
    await app.page.reload();
    await app.ask(ASK);
    const times = await readTimes(app.page);
    expect(Object.keys(times).length).toBeGreaterThanOrEqual(5);
    for (const time of Object.values(times)) expect(time).toMatch(/(Z|[+-]\d\d:\d\d)$/);
    await app.page.reload();
    await app.answers.first().waitFor();
    expect(await readTimes(app.page)).toMatchObject(times);
    await context.close();
  });

  it("tries an answer again, and takes what the person thinks of it", async () => {
    const { context } = await newPerson(browser());
    const app = await openApp(context);
    await app.ask("hello");
    const rated = app.page.waitForResponse(
      (response) => response.request().postData()?.includes('"items.feedback"') === true,
    );
    await app.button(app.chat.names.good).click();
    expect((await rated).ok()).toBe(true);
    await app.button(app.chat.names.retry).click();
    await app.stopButton.waitFor();
    await app.sendButton.waitFor();
    expect(await app.answers.count()).toBe(1);
    await app.page.reload();
    await app.answers.first().waitFor();
    expect(await app.answers.count()).toBe(1);
    await context.close();
  });

  it("keeps earlier conversations to open, rename and delete", async () => {
    const { context } = await newPerson(browser());
    const app = await openApp(context);
    await app.ask("hello");
    await app.openNewThread();
    await app.ask("what is due this week?");
    await app.history.open();
    await app.history.rename("hello", "Greetings");
    await takePicture(app.page, "history");
    await app.history.choose("Greetings");
    await app.userMessages.filter({ hasText: "hello" }).waitFor();
    await app.history.open();
    await app.history.remove("Greetings");
    await app.userMessages.first().waitFor({ state: "detached" });
    await context.close();
  });
});

/** Keeps what the chat is told, from the next load of the page on. */
async function keepAnswers(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const answers: Promise<string>[] = [];
    const { fetch } = window;
    window.fetch = async (...request) => {
      const response = await fetch(...request);
      answers.push(response.clone().text());
      return response;
    };
    Object.assign(window, { answers });
  });
}

/** When thread and items were made, by their ids, in all that the chat was told since the load. */
async function readTimes(page: Page): Promise<Record<string, string>> {
  const answers = await page.evaluate(() =>
    Promise.all((window as unknown as { answers: Promise<string>[] }).answers),
  );
  const times: Record<string, string> = {};
  const read = (value: unknown) => {
    if (value === null || typeof value !== "object") return;
    const { id, created_at } = value as { id?: string; created_at?: string };
    if (id && created_at) times[id] = created_at;
    Object.values(value).forEach(read);
  };
  for (const line of answers.flatMap((text) => text.split("\n"))) {
    const json = line.replace(/^data: /, "");
    if (json.startsWith("{")) read(JSON.parse(json));
  }
  return times;
}
