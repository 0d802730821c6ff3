import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { App, launchBrowser, newContext, openApp } from "./support/browser";
import { startProvider } from "./support/provider";
import { type Server, startServer } from "./support/system";

const browser = launchBrowser();
const SECRET = "a secret that both sides of this test know";
const TO_PROVIDER = "Sign in with your account";

let provider: Awaited<ReturnType<typeof startProvider>>;
let server: Server;
beforeAll(async () => {
  provider = await startProvider(SECRET);
  server = await startServer(inject("ground"), {
    JWT_SECRET: SECRET,
    JWT_ISSUER: provider.issuer,
    JWT_AUDIENCE: provider.client,
  });
});
afterAll(async () => {
  await server.stop();
  await provider.stop();
});

/** The page of a deployment with a provider, before the sign-in. */
async function visit() {
  const context = await newContext(browser(), { baseURL: server.url });
  await context.route("**/config.json", (route) =>
    route.fulfill({ json: { oidc: { issuer: provider.issuer, client_id: provider.client } } }),
  );
  const page = await context.newPage();
  await page.goto("/");
  return { context, page };
}

/** All that the page keeps in this browser, as text. */
const kept = (page: Page) =>
  page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));

describe("sign-in by a provider", () => {
  it("goes there and back with PKCE, and renews unseen by tokens that no storage has", async () => {
    const { context, page } = await visit();
    await page.getByRole("button", { name: TO_PROVIDER }).click();
    await page.getByText("ada@example.com").waitFor();
    expect(new URL(page.url()).search).toBe("");

    const app = new App(page);
    await app.field.waitFor();
    await context.clearCookies();
    await app.ask("create a task to feed the cat");
    await app.row("Feed the cat").waitFor();
    expect(provider.renewals).toBe(1);
    for (const token of provider.tokens) expect(await kept(page)).not.toContain(token);

    // A tab that was opened later has no token, and the other one renews for it.
    const later = await openApp(context);
    await context.clearCookies();
    await later.ask("create a task to feed the dog");
    await later.row("Feed the dog").waitFor();
    expect(provider.renewals).toBe(2);
    await context.close();
  });

  it("is asked for over the page once a reload has lost the tokens, and nothing else", async () => {
    const { context, page } = await visit();
    await page.getByRole("button", { name: TO_PROVIDER }).click();
    await page.getByText("ada@example.com").waitFor();
    await page.reload();
    const app = new App(page);
    await app.field.waitFor();
    await context.clearCookies();
    await app.send("create a task to water the plants");
    const dialog = page.getByRole("dialog", { name: "Your session has ended" });
    await dialog.getByRole("button", { name: TO_PROVIDER }).click();
    await dialog.waitFor({ state: "detached" });
    await expect.poll(() => app.typed()).toBe("create a task to water the plants");
    await app.field.press("Enter");
    await app.row("Water the plants").waitFor();
    await context.close();
  });

  it("ends at the provider, too, by a sign-out and with the account", async () => {
    const { context, page } = await visit();
    const signIn = page.getByRole("button", { name: TO_PROVIDER });
    await signIn.click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await expect.poll(() => provider.logouts).toBe(1);
    await signIn.waitFor();
    await page.reload();
    await signIn.click();

    // The last word outlives the way over the provider's page.
    await page.getByRole("button", { name: "Account" }).click();
    await page.getByRole("menuitem", { name: "Delete account…" }).click();
    await page.getByRole("textbox", { name: "To confirm" }).fill("delete");
    await page.getByRole("button", { name: "Delete account" }).click();
    await expect.poll(() => provider.logouts).toBe(2);
    await page.getByText("Your account has been deleted").waitFor();
    expect(JSON.parse(await kept(page))).toEqual([{}, {}]);
    await context.close();
  });
});
