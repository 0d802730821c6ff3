import { describe, expect, it } from "vitest";
import { launchBrowser, newPerson, openApp } from "./support/browser";
import { startHeldSystem } from "./support/heldModel";
import { LONG, openThread, WHOLE } from "./support/trouble";

const browser = launchBrowser();

describe("story 3: Stop", () => {
  it("stops when Stop is pressed, and answers again afterwards", async () => {
    const system = await startHeldSystem();
    const { context } = await newPerson(browser(), { url: system.url });
    const app = await openApp(context);
    await app.ask("hello");
    system.hold();
    await app.send(LONG);
    await app.answers.nth(1).waitFor();
    const stopped = app.page.waitForResponse(
      (response) => response.request().method() === "DELETE" && response.url().endsWith("/run"),
    );
    const caughtUp = app.page.waitForResponse(
      (response) => response.request().postData()?.includes('"items.list"') === true,
    );
    await app.stopButton.click();
    expect((await stopped).status()).toBe(202);
    await app.sendButton.waitFor();
    system.release();
    const part = await app.lastAnswer();
    expect(part).not.toMatch(WHOLE);
    await (await caughtUp).finished();
    await app.ask("hello again");
    const kept = await app.answers.nth(1).innerText();
    expect(kept).toContain(part);
    await app.page.reload();
    await app.answers.nth(2).waitFor();
    expect(await app.answers.nth(1).innerText()).toBe(kept);
    expect(kept).not.toMatch(WHOLE);
    await context.close();
  });

  it("shows all that is kept of an answer that Stop reached late", async () => {
    const system = await startHeldSystem();
    const { context } = await newPerson(browser(), { url: system.url });
    const app = await openApp(context);
    await app.ask("hello");
    system.hold();
    await app.send(LONG);
    await app.answers.nth(1).waitFor();
    const params = { thread_id: await openThread(app), limit: 1, order: "desc" };
    await app.page.route("**/run", async (route) => {
      system.release();
      const data = { type: "items.list", params };
      const stored = async () => (await context.request.post("/api/chatkit", { data })).text();
      await expect.poll(stored).toContain("completed tasks”.");
      await route.continue();
    });
    await app.stopButton.click();
    await expect.poll(() => app.lastAnswer()).toMatch(WHOLE);
    await app.sendButton.waitFor();
    expect(await app.answers.count()).toBe(2);
    await context.close();
  });
});
