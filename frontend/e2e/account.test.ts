import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { DESKTOP, launchBrowser, newPerson, openApp, PHONE, takePicture } from "./support/browser";

const browser = launchBrowser();

describe("the account", () => {
  it("can be taken along as a file, and is then deleted in all tabs", async () => {
    const { context, name } = await newPerson(browser(), { colorScheme: "dark" });
    const app = await openApp(context);
    const other = await openApp(context);
    const { page } = app;
    await app.ask("create a task to feed the cat");
    await app.row("Feed the cat").waitFor();

    const account = page.getByRole("button", { name: "Account" });
    await account.click();
    await takePicture(page, "account-menu");
    const downloading = page.waitForEvent("download");
    await page.getByRole("menuitem", { name: "Export my data" }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toMatch(/^taskchat-export-[\d-]+\.json$/);
    const exported = await readFile(await download.path(), "utf8");
    const { tasks } = JSON.parse(exported) as { tasks: { title: string }[] };
    expect(tasks.map(({ title }) => title)).toEqual(["Feed the cat"]);
    expect(exported).toContain("create a task to feed the cat");

    await account.focus();
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Delete your account?" });
    await dialog.waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    expect(await account.evaluate((button) => button === document.activeElement)).toBe(true);

    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await page.keyboard.type("delete");
    await takePicture(page, "delete-account");
    await page.keyboard.press("Enter");
    await page.getByText("Your account has been deleted").waitFor();
    await takePicture(page, "account-deleted");
    await other.page.getByLabel("Your name").waitFor();

    await page.getByLabel("Your name").fill(name);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("All clear").waitFor();
    await app.greeting.waitFor();
    await context.close();
  });

  it("is not deleted more often than the server allows, and says so", async () => {
    const { context, token } = await newPerson(browser());
    for (let time = 0; time < 3; time++) {
      await context.request.post("/api/tasks", { data: { title: "Feed the cat" } });
      const deleted = await context.request.delete("/api/account", { data: { confirm: "delete" } });
      expect(deleted.status()).toBe(204);
      await context.request.post("/api/session", { data: { token } });
    }
    await context.request.post("/api/tasks", { data: { title: "Feed the dog" } });
    const app = await openApp(context);
    await app.row("Feed the dog").waitFor();
    await app.page.getByRole("button", { name: "Account" }).click();
    await app.page.getByRole("menuitem", { name: "Delete account…" }).click();
    await app.page.getByRole("textbox", { name: "To confirm" }).fill("delete");
    await app.page.getByRole("button", { name: "Delete account" }).click();
    await app.page.getByText(/deleted several times today\. You can do it again/).waitFor();
    await app.page.getByRole("button", { name: "Cancel" }).click();
    await app.row("Feed the dog").waitFor();
    await context.close();
  });

  it.each([
    ["desktop", DESKTOP],
    ["phone", PHONE],
  ])("fits on the page: %s", async (size, viewport) => {
    const { context } = await newPerson(browser(), {
      viewport,
      name: `somebody.with.a.name.that.is.rather.long.${size}`,
    });
    const { page } = await openApp(context);
    await page.getByRole("button", { name: "Account" }).click();
    await page.getByRole("menu").waitFor();
    await takePicture(page, `account-menu-${size}`);
    const box = await page.locator(".menu-panel").boundingBox();
    expect(box?.x).toBeGreaterThanOrEqual(0);
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(viewport.width);
    await page.getByRole("menuitem", { name: "Delete account…" }).click();
    await takePicture(page, `delete-account-${size}`);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);
    await context.close();
  });
});
