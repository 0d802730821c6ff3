import { describe, expect, inject, it } from "vitest";
import { App, launchBrowser, newContext, newPerson, openApp, takePicture } from "./support/browser";
import { startHeldSystem } from "./support/heldModel";
import { lockTasks } from "./support/system";

const browser = launchBrowser();
const LONG = "tell me a story about a lighthouse keeper and the sea";
const ASK = "create a task called buy groceries and one to call mom tomorrow at 5pm";

/** 17:00 of tomorrow's date in that zone, as it is shown there. */
function tomorrowAtFive(dueAt: string, timeZone: string): boolean {
  const parts = (instant: Date) =>
    Object.fromEntries(
      new Intl.DateTimeFormat("en-GB", { timeZone, dateStyle: "short", timeStyle: "short" })
        .formatToParts(instant)
        .map(({ type, value }) => [type, value]),
    );
  const due = parts(new Date(dueAt));
  const tomorrow = parts(new Date(Date.now() + 86_400_000));
  return due.day === tomorrow.day && due.hour === "17" && due.minute === "00";
}

describe("story 1: chat that manages tasks", () => {
  it("lets a person sign in by the page", async () => {
    const context = await newContext(browser(), { baseURL: inject("url") });
    const page = await context.newPage();
    await page.goto("/");
    await page.getByLabel("Your name").fill("alice");
    await takePicture(page, "sign-in");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Tasks" }).waitFor();
    await new App(page).field.waitFor();
    await page.reload();
    await new App(page).field.waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    await context.close();
  });

  it.each(["Europe/Berlin", "America/Los_Angeles"])(
    "makes tasks from a message, due in the zone of the browser: %s",
    async (timezoneId) => {
      const { context } = await newPerson(browser(), { timezoneId });
      const app = await openApp(context);
      await app.ask(ASK);
      await app.row("Buy groceries").waitFor();
      await app.row("Call mom").getByText("Tomorrow 17:00").waitFor();
      expect(await app.rows.count()).toBe(2);
      const { tasks } = await (await context.request.get("/api/tasks")).json();
      const mom = tasks.find((task: { title: string }) => task.title.includes("mom"));
      expect(tomorrowAtFive(mom.due_at, timezoneId)).toBe(true);
      await context.close();
    },
  );

  it("shows each tool while it is at work", async () => {
    const { context } = await newPerson(browser());
    const app = await openApp(context);
    await app.ask("hello");
    const unlock = await lockTasks(inject("ground").databaseUrl);
    await app.send(ASK);
    await app.chat.stepsAtWork.first().waitFor();
    await takePicture(app.page, "tools-at-work");
    await unlock();
    await app.chat.stepsAtWork.first().waitFor({ state: "detached" });
    await app.sendButton.waitFor();
    await app.row("Call mom").waitFor();
    expect(await app.steps.last().innerText()).toContain("Created 2 tasks");
    await context.close();
  });

  it("asks before it deletes all; Cancel changes nothing, and Undo brings all back", async () => {
    const { context } = await newPerson(browser());
    const app = await openApp(context);
    await app.ask(ASK);
    await app.ask("delete all tasks");
    await takePicture(app.page, "confirmation");
    await app.button("Cancel").click();
    await app.chat.widgets.getByText("Nothing was changed").waitFor();
    expect(await app.rows.count()).toBe(2);

    await app.ask("delete all tasks");
    await app.button("Confirm").click();
    await app.page.getByText("All clear").waitFor();
    await app.button("Undo").last().click();
    await app.row("Call mom").waitFor();
    await app.row("Buy groceries").waitFor();
    await context.close();
  });

  it("knows in its next answer what the person changed in the list", async () => {
    const { context } = await newPerson(browser());
    const app = await openApp(context);
    await app.ask("create a task to feed the cat");
    await app.page.getByRole("textbox", { name: "New task" }).fill("Water the plants");
    await app.page.getByRole("textbox", { name: "New task" }).press("Enter");
    await app.row("Feed the cat").getByRole("checkbox").click();
    await app.page.getByText("Completed “Feed the cat”").waitFor();
    const answer = await app.ask("list my open tasks");
    expect(answer).toContain("Water the plants");
    expect(answer).not.toContain("Feed the cat");
    await context.close();
  });

  it("acts on the buttons of its widgets", async () => {
    const { context } = await newPerson(browser());
    const app = await openApp(context);
    await app.ask("create a task to call mom tomorrow at 5pm");
    await app.button("Complete").click();
    await app.page.getByText("All clear").waitFor();
    await app.button("Reopen").click();
    await app.row("Call mom").waitFor();
    await context.close();
  });

  it("acts on buttons while an answer is being written, and the list follows", async () => {
    const system = await startHeldSystem();
    const { context } = await newPerson(browser(), { url: system.url });
    const app = await openApp(context);
    await app.ask("create a task to feed the cat");
    await app.ask("delete all tasks");
    system.hold();
    await app.send(LONG);
    await app.stopButton.waitFor();
    await app.button("Complete").first().click();
    await app.page.getByText("All clear").waitFor();
    await app.button("Confirm").click();
    await app.chat.widgets.last().getByText("Deleted").waitFor();
    expect(await app.stopButton.isVisible()).toBe(true);
    system.release();
    await app.sendButton.waitFor();
    await context.close();
  });

  it("answers about a task that is mentioned by @", async () => {
    const { context } = await newPerson(browser());
    await context.request.post("/api/tasks", { data: { title: "Water the plants" } });
    await context.request.post("/api/tasks", { data: { title: "Write to Ada" } });
    const app = await openApp(context);
    await app.field.pressSequentially("Complete @plan");
    await app.mention("Water the plants").waitFor();
    await takePicture(app.page, "mention");
    await app.field.press("Enter");
    await app.field.press("Enter");
    await app.row("Water the plants").waitFor({ state: "detached" });
    await app.row("Write to Ada").waitFor();
    await app.sendButton.waitFor();
    await app.mentioned("Water the plants").click();
    await app.page.getByRole("dialog", { name: "Edit task" }).waitFor();
    await context.close();
  });
});
