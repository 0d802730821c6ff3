import { describe, expect, it } from "vitest";
import { launchBrowser, newPerson, openApp } from "./support/browser";

const browser = launchBrowser();
const FALLBACK = "/?chat=fallback";

describe("the fallback, in a real browser", () => {
  it("quotes what is selected in an answer, also after a reload", async () => {
    const { context } = await newPerson(browser());
    const app = await openApp(context, FALLBACK);
    await app.ask("Create a task to call mom tomorrow at 5pm");
    const chat = app.page.locator("openai-chatkit");
    await app.answers.getByText("due tomorrow at 17:00.").click({ clickCount: 3 });
    await chat.getByRole("button", { name: "Quote", exact: true }).click();
    await app.page.keyboard.type("Mark it done");
    await app.page.keyboard.press("Enter");
    const quoted = chat.locator("blockquote");
    await quoted.getByText("due tomorrow at 17:00.").waitFor();
    expect(await chat.getByRole("button", { name: "Do not quote" }).count()).toBe(0);
    await app.sendButton.waitFor();
    await app.page.reload();
    await quoted.getByText("due tomorrow at 17:00.").waitFor();
    await context.close();
  });

  it("copies an answer", async () => {
    const { context } = await newPerson(browser(), {
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const app = await openApp(context, FALLBACK);
    const answer = await app.ask("Create a task to call mom tomorrow at 5pm");
    await app.page.getByRole("button", { name: "Copy answer" }).click();
    await app.page.locator("openai-chatkit").getByText("Copied").waitFor({ state: "attached" });
    expect(await app.page.evaluate(() => navigator.clipboard.readText())).toBe(answer);
    await context.close();
  });

  it("shows what a mentioned task is", async () => {
    const { context } = await newPerson(browser());
    await context.request.post("/api/tasks", {
      data: { title: "Dentist", description: "Bring the insurance card" },
    });
    const app = await openApp(context, FALLBACK);
    await app.field.fill("Complete ");
    await app.field.press("End");
    await app.page.keyboard.type("@Den");
    await app.page.getByRole("option", { name: "Dentist" }).click();
    await app.field.press("Enter");
    const mention = app.page.getByRole("button", { name: "@Dentist" });
    await mention.hover();
    await app.page.getByRole("tooltip").getByText("Bring the insurance card").waitFor();
    await context.close();
  });
});
