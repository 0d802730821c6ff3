import { describe, expect, inject, it, onTestFinished } from "vitest";
import { type App, launchBrowser, newPerson, openApp, takePicture } from "./support/browser";
import { startServer } from "./support/system";
import { LONG, openThread } from "./support/trouble";

const browser = launchBrowser();

async function refuse(app: App, status: number, code: string, members: object = {}) {
  await app.page.route("**/api/chatkit", async (route) => {
    const starts = route.request().postData()?.includes("message") === true;
    const streams = starts || route.request().postData()?.includes("threads.create") === true;
    if (!streams) return route.fallback();
    const body = { type: `/problems/${code}`, title: code, status, detail: code, ...members };
    return route.fulfill({
      status,
      contentType: "application/problem+json",
      body: JSON.stringify(body),
    });
  });
}

/** Waits until at least half of the current minute is left, which the limit counts by. */
async function earlyInAMinute(): Promise<void> {
  const left = 60_000 - (Date.now() % 60_000);
  if (left < 30_000) await new Promise((resolve) => setTimeout(resolve, left + 100));
}

describe("story 3: messages that are refused", () => {
  it("renews an ended session and goes on, with the text that was being typed", async () => {
    const { context } = await newPerson(browser());
    const app = await openApp(context);
    await app.ask("hello");
    await context.clearCookies();
    await app.ask("create a task to feed the cat");
    await app.row("Feed the cat").waitFor();
    await context.close();
  });

  it("asks the person when a session cannot be renewed, and loses nothing", async () => {
    const { context, name } = await newPerson(browser());
    const app = await openApp(context);
    await app.ask("hello");
    await app.page.evaluate(() => localStorage.removeItem("taskchat.user"));
    await context.clearCookies();
    await app.send("create a task to feed the cat");
    const dialog = app.page.getByRole("dialog", { name: "Your session has ended" });
    await dialog.waitFor();
    await takePicture(app.page, "error-session-ended");
    await dialog.getByLabel("Your name").fill(name);
    await dialog.getByRole("button", { name: "Sign in" }).click();
    await dialog.waitFor({ state: "detached" });
    await expect.poll(() => app.typed()).toBe("create a task to feed the cat");
    await app.field.press("Enter");
    await app.row("Feed the cat").waitFor();
    await context.close();
  });

  it("says that a thread is still being answered", async () => {
    const { context, token, url } = await newPerson(browser());
    const app = await openApp(context);
    await app.ask("hello");
    const threadId = await openThread(app);
    const elsewhere = await fetch(`${url}/api/chatkit`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: JSON.stringify({
        type: "threads.add_user_message",
        params: {
          thread_id: threadId,
          input: {
            content: [{ type: "input_text", text: LONG }],
            attachments: [],
            inference_options: {},
          },
        },
      }),
    });
    await app.send("and this");
    await app.chatError("still being answered").waitFor();
    await takePicture(app.page, "error-still-answering");
    await expect.poll(() => app.typed()).toBe("and this");
    await elsewhere.text();
    await app.ask("and this");
    expect(await app.chatError().count()).toBe(0);
    await context.close();
  });

  it("says when the message limit ends", async () => {
    const server = await startServer(inject("ground"), { MESSAGES_PER_MINUTE: "1" });
    onTestFinished(() => server.stop());
    const { context } = await newPerson(browser(), { url: server.url });
    const app = await openApp(context);
    await earlyInAMinute();
    await app.ask("hello");
    await app.send("one more");
    await app.chatError(/message limit\. You can write again in \d+ second/).waitFor();
    await takePicture(app.page, "error-limit");
    await expect.poll(() => app.typed()).toBe("one more");
    await context.close();
  });

  it.each([
    [500, "internal-error", "went wrong on our side"],
    [503, "database-unavailable", "not available for a moment"],
    [413, "payload-too-large", "too long"],
  ])("turns a %i into words and keeps the text", async (status, code, words) => {
    const { context } = await newPerson(browser());
    const app = await openApp(context);
    await refuse(app, status, code);
    await app.send("create a task to feed the cat");
    await app.chatError(words).waitFor();
    await takePicture(app.page, `error-${status}`);
    await expect.poll(() => app.typed()).toBe("create a task to feed the cat");
    await app.page.unroute("**/api/chatkit");
    await app.field.press("Enter");
    await app.row("Feed the cat").waitFor();
    await context.close();
  });

  it.each([
    [401, "unauthenticated"],
    [409, "still-answering"],
    [413, "payload-too-large"],
    [429, "message-limit"],
    [503, "database-unavailable"],
    ["a lost network", ""],
  ] as const)("brings the first message of a new thread back after %s", async (status, code) => {
    const { context } = await newPerson(browser());
    const app = await openApp(context);
    if (status === 401) {
      await app.page.evaluate(() => localStorage.removeItem("taskchat.user"));
      await context.clearCookies();
    } else if (typeof status === "number") await refuse(app, status, code);
    else await context.setOffline(true);
    await app.send("create a task to feed the cat");
    await expect.poll(() => app.typed()).toBe("create a task to feed the cat");
    await app.page.waitForTimeout(500);
    expect(await app.typed()).toBe("create a task to feed the cat");
    await context.close();
  });
});
