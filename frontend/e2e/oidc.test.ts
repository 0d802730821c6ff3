import { describe, expect, inject, it } from "vitest";
import { App, launchBrowser, openApp } from "./support/browser";
import { startProvider } from "./support/provider";
import { startServer } from "./support/system";

const browser = launchBrowser();
const SECRET = "a secret that both sides of this test know";

describe("sign-in by a provider", () => {
  it("goes there and back with PKCE, renews unseen, and ends", async () => {
    const provider = await startProvider(SECRET);
    const server = await startServer(inject("ground"), {
      JWT_SECRET: SECRET,
      JWT_ISSUER: provider.issuer,
      JWT_AUDIENCE: provider.client,
    });
    const context = await browser().newContext({ baseURL: server.url });
    await context.route("**/config.json", (route) =>
      route.fulfill({ json: { oidc: { issuer: provider.issuer, client_id: provider.client } } }),
    );
    const page = await context.newPage();
    await page.goto("/");
    await page.getByRole("button", { name: "Sign in with your account" }).click();
    await page.getByText("ada@example.com").waitFor();
    expect(new URL(page.url()).search).toBe("");

    const app = new App(page);
    await app.field.waitFor();
    await context.clearCookies();
    await app.ask("create a task to feed the cat");
    await app.row("Feed the cat").waitFor();
    expect(provider.renewals).toBe(1);

    const kept = () =>
      page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    for (const token of provider.tokens) expect(await kept()).not.toContain(token);

    // A tab that was opened later has no token, and the other one renews for it.
    const later = await openApp(context);
    await context.clearCookies();
    await later.ask("create a task to feed the dog");
    await later.row("Feed the dog").waitFor();
    expect(provider.renewals).toBe(2);
    await later.page.close();

    // The tokens are gone with a reload; the cookie holds.
    await page.reload();
    await app.row("Feed the dog").waitFor();
    await context.clearCookies();
    await app.send("create a task to water the plants");
    const dialog = page.getByRole("dialog", { name: "Your session has ended" });
    await dialog.getByRole("button", { name: "Sign in with your account" }).click();
    await dialog.waitFor({ state: "detached" });
    await expect.poll(() => app.typed()).toBe("create a task to water the plants");
    await app.field.press("Enter");
    await app.row("Water the plants").waitFor();

    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign in with your account" }).waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Sign in with your account" }).waitFor();
    await context.close();
    await server.stop();
    await provider.stop();
  });
});
