import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { describe, expect, inject, it } from "vitest";
import { DESKTOP, launchBrowser, newPerson, openApp, PHONE } from "./support/browser";

const browser = launchBrowser();
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

async function seriousFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate<AxeResults>("axe.run()");
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

describe("for everyone", () => {
  it.each([
    ["light", DESKTOP],
    ["dark", DESKTOP],
    ["light", PHONE],
    ["dark", PHONE],
  ] as const)("axe finds no serious fault, %s, %o", async (colorScheme, viewport) => {
    const { context } = await newPerson(browser(), { colorScheme, viewport });
    const yesterday = new Date(Date.now() - 86_400_000).toISOString();
    for (const data of [
      { title: "Pay the rent", priority: "high", due_at: yesterday, tags: ["home"] },
      { title: "Write the report", description: "Two pages", priority: "low", tags: ["work"] },
    ]) {
      await context.request.post("/api/tasks", { data });
    }
    const app = await openApp(context);
    const isPhone = viewport === PHONE;
    const show = async (name: string) => {
      if (!isPhone) return;
      const views = app.page.getByRole("navigation", { name: "Views" });
      await views.getByRole("button", { name }).click();
    };
    await app.rows.first().waitFor();
    expect(await seriousFaults(app.page)).toEqual([]);

    await show("Assistant");
    expect(await seriousFaults(app.page)).toEqual([]);
    await app.attach(
      { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("milk") },
      { name: "notes.zip", mimeType: "application/zip", buffer: Buffer.from("PK") },
    );
    await app.inChat.getByText("cannot be attached").waitFor();
    expect(await seriousFaults(app.page)).toEqual([]);
    await expect.poll(() => app.sendButton.isEnabled()).toBe(true);
    await app.ask("create a task to call mom tomorrow at 5pm");
    await app.ask("delete all tasks");
    expect(await seriousFaults(app.page)).toEqual([]);
    await app.page.getByRole("button", { name: "Earlier conversations" }).click();
    expect(await seriousFaults(app.page)).toEqual([]);
    await app.page.keyboard.press("Escape");

    await show("Tasks");
    await app.page.getByRole("button", { name: "Pay the rent", exact: true }).click();
    expect(await seriousFaults(app.page)).toEqual([]);
    await app.page.keyboard.press("Escape");

    await app.page.getByRole("button", { name: "Account" }).click();
    expect(await seriousFaults(app.page)).toEqual([]);
    await app.page.getByRole("menuitem", { name: "Delete account…" }).click();
    await app.page.getByRole("textbox", { name: "To confirm" }).fill("delete");
    expect(await seriousFaults(app.page)).toEqual([]);
    await context.close();
  });

  it("axe finds no serious fault on the sign-in page", async () => {
    const context = await browser().newContext({ baseURL: inject("url") });
    const page = await context.newPage();
    await page.goto("/");
    await page.getByLabel("Your name").waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await context.close();
  });

  it("everything can be reached and done by keyboard", async () => {
    const { context, name } = await newPerson(browser());
    await context.request.post("/api/tasks", { data: { title: "Pay the rent", tags: ["home"] } });
    const app = await openApp(context);
    await app.rows.first().waitFor();
    const reached: string[] = [];
    for (let press = 0; press < 30; press++) {
      await app.page.keyboard.press("Tab");
      reached.push(await app.page.evaluate(focusedName));
    }
    for (const control of [
      `Account: ${name}@example.com`,
      "Dark appearance",
      "Sign out",
      "New task",
      "Search tasks",
      "Open",
      "Priority",
      "Due",
      "Tag",
      "Pay the rent: mark as done",
      "Pay the rent",
      "Show tasks tagged home",
      "Delete Pay the rent",
      "New conversation",
      "Earlier conversations",
      "Call mom tomorrow at 5pm",
      "Message",
    ]) {
      expect(reached).toContain(control);
    }

    await app
      .row("Pay the rent")
      .getByRole("button", { name: "Pay the rent", exact: true })
      .focus();
    await app.page.keyboard.press("Enter");
    await app.page.getByRole("dialog", { name: "Edit task" }).waitFor();
    await app.page.keyboard.press("Escape");
    expect(await app.page.evaluate(focusedName)).toBe("Pay the rent");
    await context.close();
  });
});

/** The accessible name of what has the focus, as far as this page names things. */
function focusedName(): string {
  let focused = document.activeElement;
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  return (
    focused?.getAttribute("aria-label") ??
    focused?.closest("label")?.textContent ??
    focused?.textContent ??
    ""
  ).trim();
}
