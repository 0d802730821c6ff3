import { describe, it } from "vitest";
import {
  type App,
  DESKTOP,
  launchBrowser,
  newPerson,
  openApp,
  PHONE,
  takePicture,
} from "./support/browser";

const browser = launchBrowser();

const at = (days: number, hour: number) => {
  const due = new Date();
  due.setDate(due.getDate() + days);
  due.setHours(hour, 0, 0, 0);
  return due.toISOString();
};
const TASKS = [
  { title: "Send the invoice to Brightline", priority: "high", due_at: at(-1, 10), tags: ["work"] },
  { title: "Book the train to Lyon", due_at: at(0, 22), tags: ["travel"] },
  {
    title: "Prepare slides for the review",
    due_at: at(2, 9),
    tags: ["work"],
    description: "Ten at most",
  },
  { title: "Dentist", due_at: at(4, 14), tags: ["health"] },
  { title: "Renew the passport", priority: "high", due_at: at(20, 12), tags: ["travel", "papers"] },
  { title: "Read “The Sea, the Sea”", priority: "low", tags: ["books"] },
  { title: "Repot the monstera", tags: ["home", "garden"] },
];

describe("pictures for the documentation", () => {
  it.each([
    ["desktop-light", "light", DESKTOP],
    ["desktop-dark", "dark", DESKTOP],
    ["phone", "light", PHONE],
    ["phone-dark", "dark", PHONE],
  ] as const)("%s", async (picture, colorScheme, viewport) => {
    const { context } = await newPerson(browser(), {
      colorScheme,
      viewport,
      hasTouch: viewport === PHONE,
    });
    for (const data of TASKS) await context.request.post("/api/tasks", { data });
    const app = await openApp(context);
    if (viewport === DESKTOP) {
      await talk(app);
      await takePicture(app.page, picture);
    } else {
      await app.rows.nth(TASKS.length - 1).waitFor();
      await takePicture(app.page, `${picture}-tasks`);
      await app.page.getByRole("button", { name: "Assistant" }).click();
      await takePicture(app.page, `${picture}-start`);
      await talk(app);
      await takePicture(app.page, `${picture}-chat`);
      await changeTitle(app, picture);
    }
    await context.close();
  });
});

async function talk(app: App): Promise<void> {
  await app.ask("Create a task to call mom tomorrow at 5pm");
  await app.ask("Mark it done");
}

async function changeTitle(app: App, picture: string): Promise<void> {
  await app.button("Change").last().click();
  await app.button("Save").waitFor();
  await takePicture(app.page, `${picture}-form`);
  await app.inChat.locator('input[name="title"]').fill("Call dad");
  await app.button("Save").click();
  await app.chat.widgets.last().getByText("Call dad").waitFor();
}
