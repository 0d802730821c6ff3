import { chromium } from "playwright-core";

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
const context = await browser.newContext({
  viewport: { width: 1360, height: 860 },
  timezoneId: "Europe/Berlin",
});
const page = await context.newPage();
page.on("console", (m) => console.log("console", m.type(), m.text()));
page.on("pageerror", (e) => console.log("pageerror", e.message));
await page.goto("http://127.0.0.1:8137/?chat=fallback");
await page.waitForTimeout(800);
await page.screenshot({ path: "/tmp/s1.png" });
await page.getByLabel("Your name").fill("probe" + Date.now());
await page.getByRole("button", { name: "Sign in" }).click();
await page.waitForTimeout(1500);
await page.screenshot({ path: "/tmp/s2.png" });
const box = page.getByRole("combobox", { name: "Message" });
await box.fill("create a task called buy groceries and one to call mom tomorrow at 5pm");
await box.press("Enter");
await page.waitForTimeout(600);
await page.screenshot({ path: "/tmp/s3.png" });
await page.waitForTimeout(4000);
await page.screenshot({ path: "/tmp/s4.png" });
await box.fill("delete all tasks");
await box.press("Enter");
await page.waitForTimeout(4000);
await page.screenshot({ path: "/tmp/s5.png" });
await page.getByRole("button", { name: "Dark appearance" }).click();
await page.waitForTimeout(300);
await page.screenshot({ path: "/tmp/s6.png" });
await browser.close();
