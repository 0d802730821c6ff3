import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { launchBrowser, newPerson, openApp, takePicture } from "./support/browser";

const browser = launchBrowser();

const signOut = (page: Page) => page.getByRole("button", { name: "Sign out" }).click();

async function signIn(page: Page, name: string): Promise<void> {
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** All that the page keeps in this browser, as text. */
const kept = (page: Page) =>
  page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));

describe("people who share a browser", () => {
  it("see nothing of each other, and leave nothing behind", async () => {
    const { context, name } = await newPerson(browser());
    const app = await openApp(context);
    const { page } = app;
    await app.ask("create a task to feed the cat");
    await app.row("Feed the cat").waitFor();
    const other = await openApp(context);
    await other.row("Feed the cat").waitFor();
    expect(await kept(page)).toContain(name);

    await signOut(page);
    for (const tab of [page, other.page]) {
      await tab.getByLabel("Your name").waitFor();
      expect(await kept(tab)).not.toContain(name);
      expect(await kept(tab)).not.toContain("thr_");
    }

    // The server takes its time: only what the page kept by itself could be shown.
    let answer = () => {};
    const answered = new Promise<void>((resume) => {
      answer = resume;
    });
    await context.route("**/api/tasks?*", (route) => answered.then(() => route.continue()));
    await signIn(page, "bob");
    for (const tab of [app, other]) {
      await tab.page.getByTitle(/^bob\b/).waitFor();
      await tab.greeting.waitFor();
      expect(await tab.page.getByText("Feed the cat").count()).toBe(0);
      expect(await tab.inChat.getByText("Feed the cat").count()).toBe(0);
    }
    answer();
    for (const tab of [page, other.page]) await tab.getByText("All clear").waitFor();
    await context.close();
  });
});

describe("a sign-out", () => {
  it("that did not reach the server says so, and is tried again", async () => {
    const { context } = await newPerson(browser(), { colorScheme: "dark" });
    const { page } = await openApp(context);
    await context.route("**/api/session", (route) => route.abort());
    await signOut(page);
    const warning = page.getByRole("alert").filter({ hasText: "You are not signed out yet" });
    await warning.waitFor();
    await takePicture(page, "still-signed-in");
    await context.unroute("**/api/session");
    await warning
      .getByRole("button", { name: "Try again" })
      .or(page.getByLabel("Your name"))
      .click();
    await page.getByLabel("Your name").waitFor();
    await page.reload();
    await page.getByLabel("Your name").waitFor();
    await context.close();
  });
});
