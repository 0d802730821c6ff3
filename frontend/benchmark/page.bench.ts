import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { inject, it } from "vitest";
import { launchBrowser, newPerson, openApp } from "../e2e/support/browser";
import { ROOT, withDatabase } from "../e2e/support/system";

const browser = launchBrowser();
const ROUNDS = 9;
const TASKS = 10_000;

it("measures the page", async () => {
  const few: Times[] = [];
  const many: Times[] = [];
  const { name, context } = await newPerson(browser());
  await context.request.post("/api/tasks", { data: { title: "The last" } });
  await context.close();
  for (let round = 0; round <= ROUNDS; round++) few.push(await load(name));
  await addTasks(name);
  for (let round = 0; round <= ROUNDS; round++) many.push(await load(name));
  const figures = {
    scriptKilobytes: [scriptBytes() / 1024],
    // The first load of each warms the server up.
    usable: few.slice(1).map(({ usable }) => usable),
    usableWithMany: many.slice(1).map(({ usable }) => usable),
    rowsOfMany: many.slice(1).map(({ rows }) => rows),
    endOfMany: [await scrollToTheEnd(name)],
  };
  await writeFile(process.env.FIGURES ?? "/dev/stdout", JSON.stringify(figures));
});

/** Milliseconds after the page was asked for. */
interface Times {
  /** The composer takes text. */
  usable: number;
  /** The first rows of the list are seen. */
  rows: number;
}

async function load(name: string): Promise<Times> {
  const { context } = await newPerson(browser(), { name });
  const page = await context.newPage();
  const started = performance.now();
  const since = () => performance.now() - started;
  await page.goto("/?chat=fallback", { waitUntil: "commit" });
  const usable = page.getByRole("combobox", { name: "Message" }).fill("hello").then(since);
  const rows = page.locator(".task").first().waitFor().then(since);
  const times = { usable: await usable, rows: await rows };
  await context.close();
  return times;
}

async function addTasks(name: string): Promise<void> {
  const insert =
    "insert into tasks (id, user_id, title) select 'tsk_' || md5(%s || n), %s, 'Task ' || n " +
    `from generate_series(1, ${TASKS - 1}) n`;
  const values = JSON.stringify([name, name]);
  await withDatabase(
    inject("ground").databaseUrl,
    `db.execute(${JSON.stringify(insert)}, ${values})`,
  );
}

/** Milliseconds until the person who scrolls as fast as the list comes sees its last task. */
async function scrollToTheEnd(name: string): Promise<number> {
  const { context } = await newPerson(browser(), { name });
  const app = await openApp(context, "/?chat=fallback");
  await app.rows.first().waitFor();
  const started = performance.now();
  await app.page.evaluate(async () => {
    const list = document.querySelector(".task-scroller");
    while (list && !list.textContent?.includes("The last")) {
      list.scrollTop = list.scrollHeight;
      await new Promise(requestAnimationFrame);
    }
  });
  const milliseconds = performance.now() - started;
  await context.close();
  return milliseconds;
}

/** What is loaded before the chat can be used, gzipped. */
function scriptBytes(): number {
  const assets = join(ROOT, "frontend/dist/assets");
  const scripts = readdirSync(assets).filter((file) => /^index-.*\.js$/.test(file));
  return scripts.reduce((sum, file) => sum + gzipSync(readFileSync(join(assets, file))).length, 0);
}
