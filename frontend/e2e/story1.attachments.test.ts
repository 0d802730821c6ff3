import { describe, expect, it } from "vitest";
import { type App, launchBrowser, newPerson, openApp, PHONE, takePicture } from "./support/browser";

const browser = launchBrowser();
const NOTES = { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("milk, bread") };
const TOO_LARGE = 10 * 1024 * 1024 + 1;

/** A picture of the page itself. */
async function photograph(app: App) {
  const buffer = await app.page.locator("main").screenshot();
  return { name: "whiteboard.png", mimeType: "image/png", buffer };
}

async function isSeen(app: App): Promise<void> {
  await app.chat.sentPictures.first().waitFor();
  const width = () =>
    app.chat.sentPictures.first().evaluate((image) => (image as HTMLImageElement).naturalWidth);
  await expect.poll(width).toBeGreaterThan(0);
  await app.userMessages.first().waitFor();
  await app.inChat.getByText(NOTES.name).first().waitFor();
}

async function newPhotographer(options: object = {}) {
  const person = await newPerson(browser(), options);
  await person.context.request.post("/api/tasks", { data: { title: "Water the plants" } });
  return { ...person, app: await openApp(person.context) };
}

describe("story 1: files in a message", () => {
  it("are sent with it, and seen after a reload and in another tab", async () => {
    const { app, context } = await newPhotographer();
    const picture = await photograph(app);
    await app.attach(picture, NOTES);
    await app.inChat.getByText(NOTES.name).waitFor();
    await app.field.fill("hello");
    await takePicture(app.page, "attachments");
    await expect.poll(() => app.sendButton.isEnabled()).toBe(true);
    await app.field.press("Enter");
    await app.answers.first().waitFor();
    await app.sendButton.waitFor();
    await isSeen(app);
    await takePicture(app.page, "attachments-sent");
    const other = await openApp(context);
    await isSeen(other);
    await app.page.reload();
    await isSeen(app);
    await context.close();
  });

  it("that lie about their type are refused with words, and the text comes back", async () => {
    const { app, context } = await newPhotographer();
    const fake = { name: "fake.png", mimeType: "image/png", buffer: Buffer.from("no picture") };
    await app.attach(fake);
    await app.field.fill("make tasks of this");
    await expect.poll(() => app.sendButton.isEnabled()).toBe(true);
    await app.field.press("Enter");
    await app.chatError("not a file of the type PNG").waitFor();
    await expect.poll(() => app.typed()).toBe("make tasks of this");
    await takePicture(app.page, "attachments-refused");
    await expect.poll(() => app.chat.chips.count()).toBe(0);
    await app.field.press("Enter");
    await app.answers.first().waitFor();
    await context.close();
  });

  it("that are too large are not taken, in words", async () => {
    const { app, context } = await newPhotographer();
    await app.attach({
      name: "big.txt",
      mimeType: "text/plain",
      buffer: Buffer.alloc(TOO_LARGE, 65),
    });
    await app.inChat
      .getByText(/too large/)
      .first()
      .waitFor();
    await takePicture(app.page, "attachments-too-large");
    expect(await app.inChat.getByText("big.txt", { exact: true }).count()).toBe(0);
    await context.close();
  });

  it("fit on a phone, in the dark", async () => {
    const { app, context } = await newPhotographer({ viewport: PHONE, colorScheme: "dark" });
    await app.page.getByRole("button", { name: "Assistant" }).click();
    const picture = { ...NOTES, buffer: await app.page.screenshot() };
    await app.attach({ ...picture, name: "screen.png", mimeType: "image/png" }, NOTES);
    await app.inChat.getByText(NOTES.name).waitFor();
    await app.field.fill("hello");
    await expect.poll(() => app.sendButton.isEnabled()).toBe(true);
    await takePicture(app.page, "phone-attachments");
    await app.field.press("Enter");
    await app.answers.first().waitFor();
    await app.sendButton.waitFor();
    await isSeen(app);
    await takePicture(app.page, "phone-attachments-sent");
    await context.close();
  });
});
