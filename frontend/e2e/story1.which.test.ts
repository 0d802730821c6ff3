import { describe, expect, it } from "vitest";
import { type App, launchBrowser, newPerson, openApp, takePicture } from "./support/browser";

const browser = launchBrowser();
const ASK = "complete the dentist one";
const TASKS = ["Call the dentist", "Pay the dentist", "Find a new dentist"];

/** Somebody with three tasks about a dentist, of which one is due tomorrow at 17:00. */
async function newPatient() {
  const person = await newPerson(browser());
  const app = await openApp(person.context);
  await app.ask("create a task to call the dentist tomorrow at 5pm");
  for (const title of TASKS.slice(1)) {
    await person.context.request.post("/api/tasks", { data: { title } });
  }
  await app.openNewThread();
  return { ...person, app };
}

async function openTitles(app: App): Promise<string[]> {
  const { tasks } = await (await app.page.request.get("/api/tasks?completed=false")).json();
  return tasks.map(({ title }: { title: string }) => title).sort();
}

describe("story 1: which task is meant", () => {
  it("is chosen among titles and due times, in any tab, also after a reload", async () => {
    const { app, context } = await newPatient();
    await app.send(ASK);
    await app.option("Call the dentist · tomorrow 17:00").waitFor();
    for (const title of TASKS.slice(1)) await app.option(title).waitFor();
    await takePicture(app.page, "question");
    const other = await openApp(context);
    await other.option("Pay the dentist").waitFor();

    await app.page.reload();
    await app.choose("Pay the dentist");
    await app.row("Pay the dentist").waitFor({ state: "detached" });
    await app.answers.getByText("I marked “Pay the dentist” as done").waitFor();
    await app.sendButton.waitFor();
    expect(await openTitles(app)).toEqual(["Call the dentist", "Find a new dentist"]);
    expect(await app.userMessages.count()).toBe(1);
    await takePicture(app.page, "question-answered");

    await other.page.bringToFront();
    await other.answers.getByText("I marked “Pay the dentist” as done").waitFor();
    await other.option("Call the dentist · tomorrow 17:00").waitFor({ state: "detached" });
    await context.close();
  });

  it("can be left open: nothing is changed, and the conversation goes on", async () => {
    const { app, context } = await newPatient();
    await app.send(ASK);
    await app.option("Pay the dentist").waitFor();
    await app.skipButton.click();
    await app.answers.getByText("I have changed nothing").waitFor();
    await app.sendButton.waitFor();
    expect(await openTitles(app)).toEqual([...TASKS].sort());
    await app.ask("complete call the dentist");
    await app.row("Call the dentist").waitFor({ state: "detached" });
    await context.close();
  });
});
