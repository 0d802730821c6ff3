import { describe, expect, inject, it, onTestFinished } from "vitest";
import { launchBrowser, newPerson, openApp, takePicture } from "./support/browser";
import { startProxy } from "./support/proxy";
import { startServer } from "./support/system";
import { LONG, WHOLE } from "./support/trouble";

const browser = launchBrowser();

describe("story 3: a network or a server that goes away", () => {
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
});
