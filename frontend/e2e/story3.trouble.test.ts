import { describe, expect, inject, it, onTestFinished } from "vitest";
import { type App, launchBrowser, newPerson, openApp, takePicture } from "./support/browser";
import { startHeldSystem } from "./support/heldModel";
import { startProxy } from "./support/proxy";
import { startServer } from "./support/system";

const browser = launchBrowser();
const LONG = "tell me a story about a lighthouse keeper and the sea";
const WHOLE = /completed tasks”\.$/;

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

describe("story 3: trouble", () => {
  it("shows a lost network within two seconds, and recovers the whole answer", async () => {
    const { context } = await newPerson(browser());
    const app = await openApp(context);
    await app.ask("hello");
    await app.send(LONG);
    await app.answers.nth(1).waitFor();
    await app.field.fill("typed meanwhile");
    const cut = Date.now();
    await context.setOffline(true);
    await app.connection.getByText("Disconnected").waitFor({ timeout: 2_000 });
    expect(Date.now() - cut).toBeLessThan(2_000);
    await app.chatError("connection was lost").waitFor();
    await takePicture(app.page, "error-offline");
    await context.setOffline(false);
    await expect.poll(() => app.lastAnswer(), { timeout: 15_000 }).toMatch(WHOLE);
    await app.connection.getByText("Disconnected").waitFor({ state: "detached" });
    expect(await app.answers.count()).toBe(2);
    expect(await app.chatError().count()).toBe(0);
    await expect.poll(() => app.typed()).toBe("typed meanwhile");
    await context.close();
  });

  it("does not lose a message that is sent without a network", async () => {
    const { context } = await newPerson(browser());
    const app = await openApp(context);
    await context.setOffline(true);
    await app.send("create a task to feed the cat");
    await app.chatError("was not sent").waitFor();
    await expect.poll(() => app.typed()).toBe("create a task to feed the cat");
    await context.setOffline(false);
    await app.field.press("Enter");
    await app.row("Feed the cat").waitFor();
    await context.close();
  });

  it("survives the server's being killed and started again", async () => {
    const ground = inject("ground");
    let server = await startServer(ground);
    onTestFinished(() => server.stop());
    const { context } = await newPerson(browser(), { url: server.url });
    const app = await openApp(context);
    await app.ask("hello");
    await app.send(LONG);
    await app.answers.nth(1).waitFor();
    await app.field.fill("typed meanwhile");
    await server.kill();
    await app.connection.getByText("Reconnecting").waitFor();
    await takePicture(app.page, "error-server-gone");
    server = await startServer(ground, {}, Number(new URL(server.url).port));
    await app.connection.getByText("Reconnecting").waitFor({ state: "detached", timeout: 30_000 });
    await expect.poll(() => app.typed()).toBe("typed meanwhile");
    await app.field.fill("create a task to feed the cat");
    // The run of the killed server ends with its lease; until then the thread is busy.
    await expect
      .poll(
        async () => {
          if (await app.sendButton.isVisible()) await app.field.press("Enter");
          return app.row("Feed the cat").isVisible();
        },
        { timeout: 40_000, interval: 1_500 },
      )
      .toBe(true);
    await context.close();
  });

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

  it("leaves a stalled stream, and gets the rest another way", async () => {
    const proxy = await startProxy(inject("url"));
    onTestFinished(() => proxy.stop());
    const { context } = await newPerson(browser(), { url: proxy.url });
    const app = await openApp(context);
    await app.ask("hello");
    await app.send(LONG);
    await app.answers.nth(1).waitFor();
    proxy.silent = true;
    await app.field.fill("typed meanwhile");
    await app.page.waitForTimeout(14_000);
    proxy.silent = false;
    await expect.poll(() => app.lastAnswer(), { timeout: 20_000 }).toMatch(WHOLE);
    await expect.poll(() => app.typed()).toBe("typed meanwhile");
    expect(await app.answers.count()).toBe(2);
    await context.close();
  });

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

  it("takes a change in the list back when the server refuses it", async () => {
    const { context } = await newPerson(browser());
    await context.request.post("/api/tasks", { data: { title: "Feed the cat" } });
    const app = await openApp(context);
    await app.row("Feed the cat").waitFor();
    await app.page.route("**/api/tasks/*", (route) =>
      route.fulfill({ status: 503, contentType: "application/problem+json", body: "{}" }),
    );
    await app.row("Feed the cat").getByRole("checkbox").click();
    await app.page.getByText("not available for a moment").waitFor();
    await app.row("Feed the cat").waitFor();
    await app.page.waitForTimeout(400); // the notice fades in
    await takePicture(app.page, "error-change-refused");
    await context.close();
  });

  it("says when the list cannot be loaded, and loads it on request", async () => {
    const { context } = await newPerson(browser());
    await context.request.post("/api/tasks", { data: { title: "Feed the cat" } });
    await context.route("**/api/tasks?*", (route) => route.fulfill({ status: 500, body: "" }));
    const app = await openApp(context);
    await app.page.getByText("could not be loaded").waitFor({ timeout: 15_000 });
    await takePicture(app.page, "error-list");
    await context.unroute("**/api/tasks?*");
    await app.page.getByRole("button", { name: "Try again" }).click();
    await app.row("Feed the cat").waitFor();
    await context.close();
  });
});

function openThread(app: App): Promise<string | undefined> {
  return app.page.evaluate(() =>
    Object.entries(sessionStorage)
      .find(([key]) => key.startsWith("taskchat.thread"))
      ?.at(1),
  );
}
