import type { FrameLocator, Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { ELEMENT } from "./chatkit";

/** The list of the person's threads. */
interface History {
  open: () => Promise<void>;
  choose: (title: string) => Promise<void>;
  rename: (title: string, to: string) => Promise<void>;
  remove: (title: string) => Promise<void>;
}

/** Where things are in the chat's element, and what they are called there. */
interface Chat {
  field: Locator;
  answers: Locator;
  userMessages: Locator;
  steps: Locator;
  stepsAtWork: Locator;
  widgets: Locator;
  /** What can be chosen in answer to a question. */
  option: (name: string) => Locator;
  /** The files beside the composer, and the pictures and names of those that were sent. */
  chips: Locator;
  sentPictures: Locator;
  error: Locator;
  history: History;
  names: {
    stop: string;
    send: string;
    newThread: string;
    good: string;
    retry: string;
  };
}

function fallback(page: Page): Chat {
  const root = page.locator("openai-chatkit, fallback-chatkit");
  const button = (name: string) => root.getByRole("button", { name, exact: true });
  return {
    field: root.getByRole("combobox", { name: "Message", includeHidden: true }),
    answers: root.locator(".assistant-message"),
    userMessages: root.locator(".user-message"),
    steps: root.locator('[data-type="workflow"]'),
    stepsAtWork: root.locator('.step[data-state="loading"]'),
    widgets: root.locator(".widget"),
    option: button,
    chips: root.locator(".chip"),
    sentPictures: root.locator(".sent-files img"),
    error: root.getByRole("alert"),
    history: {
      open: () => button("Earlier conversations").click(),
      choose: (title) => button(title).click(),
      async rename(title, to) {
        await button(`Rename ${title}`).click();
        await root.getByRole("textbox", { name: "Title" }).fill(to);
        await root.getByRole("textbox", { name: "Title" }).press("Enter");
        await button(to).waitFor();
      },
      remove: (title) => button(`Delete ${title}`).click(),
    },
    names: {
      stop: "Stop",
      send: "Send",
      newThread: "New conversation",
      good: "Good answer",
      retry: "Try again",
    },
  };
}

function chatkit(frame: FrameLocator): Chat {
  const thread = (title: string) => frame.getByRole("button", { name: title, exact: true });
  const dialog = frame.getByRole("dialog");
  async function openMenu(title: string) {
    await thread(title).hover();
    await thread(title).getByRole("button").click();
  }
  return {
    field: frame.locator("[contenteditable=true]"),
    answers: frame.locator('[data-thread-item="assistant-message"]'),
    userMessages: frame.locator('[data-thread-item="user-message"]'),
    steps: frame.locator('[data-thread-item="workflow"]'),
    stepsAtWork: frame.locator('[data-workflow-streaming="true"]'),
    widgets: frame.locator('[data-thread-item="widget"]'),
    option: (name) => frame.getByRole("radio", { name, exact: true }),
    chips: frame.locator('button:has(path[d^="m5.333 5.333"])'),
    sentPictures: frame.locator('[data-thread-item="user-message"] img'),
    // In the thread, or in passing above the composer.
    error: frame.locator("main div[data-type], div.shadow-md"),
    history: {
      open: () => thread("Conversation history").click(),
      choose: (title) => thread(title).click(),
      async rename(title, to) {
        await openMenu(title);
        await frame.getByRole("menuitem", { name: "Rename" }).click();
        await dialog.getByRole("textbox").fill(to);
        await dialog.getByRole("button", { name: "Submit" }).click();
        await thread(to).waitFor();
        await dialog.waitFor({ state: "detached" });
      },
      async remove(title) {
        await openMenu(title);
        await frame.getByRole("menuitem", { name: "Delete" }).click();
        await dialog.getByRole("button", { name: "Delete" }).click();
      },
    },
    names: {
      stop: "Stop response",
      send: "Send message",
      newThread: "New chat",
      good: "Thumbs up",
      retry: "Regenerate message",
    },
  };
}

/** What a person sees and does on the page, with either element. */
export class App {
  readonly chat: Chat;
  /** The chat's own document or shadow. */
  readonly inChat: FrameLocator | Locator;

  constructor(
    readonly page: Page,
    element = ELEMENT,
  ) {
    if (element === "chatkit") {
      const frame = page.frameLocator("openai-chatkit iframe");
      this.inChat = frame;
      this.chat = chatkit(frame);
    } else {
      this.inChat = page.locator("openai-chatkit, fallback-chatkit");
      this.chat = fallback(page);
    }
  }

  get field() {
    return this.chat.field;
  }
  get answers() {
    return this.chat.answers;
  }
  get userMessages() {
    return this.chat.userMessages;
  }
  get steps() {
    return this.chat.steps;
  }
  get stopButton() {
    return this.button(this.chat.names.stop);
  }
  get sendButton() {
    return this.button(this.chat.names.send);
  }
  get skipButton() {
    return this.button("Skip");
  }
  get rows() {
    return this.page.locator(".task");
  }
  get connection() {
    return this.page.getByTestId("connection");
  }
  get greeting() {
    return this.inChat.getByText("What shall we get done?");
  }
  get history() {
    return this.chat.history;
  }

  /** What the chat says went wrong, in the thread or in passing. */
  chatError(words: string | RegExp = /./): Locator {
    return this.chat.error.filter({ hasText: words });
  }

  /** A task that is offered behind an `@`. */
  mention(title: string): Locator {
    return this.inChat.getByRole("option", { name: title });
  }

  /** A task that is mentioned in a message. */
  mentioned(title: string): Locator {
    return this.userMessages.getByText(title);
  }

  /** A task to choose in answer to the question which one is meant. */
  option(name: string): Locator {
    return this.chat.option(name);
  }

  /** Chooses a task. OpenAI's element ignores clicks just after it shows a question: click again. */
  async choose(name: string): Promise<void> {
    const option = this.option(name);
    await option.waitFor();
    await expect
      .poll(async () => {
        await option.click();
        return this.skipButton.waitFor({ state: "detached", timeout: 1_000 }).then(
          () => "answered",
          () => "still asked",
        );
      })
      .toBe("answered");
  }

  /** Chooses files for the next message. */
  async attach(...files: { name: string; mimeType: string; buffer: Buffer }[]): Promise<void> {
    await this.inChat.locator("input[type=file]").first().setInputFiles(files);
  }

  async openNewThread(): Promise<void> {
    await this.button(this.chat.names.newThread).click();
    await this.greeting.waitFor();
  }

  /** A button of the chat, by its name. */
  button(name: string): Locator {
    return this.inChat.getByRole("button", { name, exact: true });
  }

  row(title: string) {
    return this.rows.filter({ hasText: title });
  }

  /** What stands in the composer. */
  async typed(): Promise<string> {
    return this.field.evaluate((field) =>
      field instanceof HTMLTextAreaElement ? field.value : (field as HTMLElement).innerText.trim(),
    );
  }

  async send(text: string): Promise<void> {
    await this.field.fill(text);
    await this.field.press("Enter");
  }

  /** Sends, and waits until the answer has ended. */
  async ask(text: string): Promise<string> {
    await this.send(text);
    await this.stopButton.waitFor();
    await this.sendButton.waitFor();
    return this.lastAnswer();
  }

  /** All that was said, as it is shown. */
  async conversation(): Promise<string> {
    const said = await this.chat.userMessages.or(this.answers).allInnerTexts();
    return said.map((text) => text.replace(/^(You|Assistant):\s*/, "")).join("\n");
  }

  async lastAnswer(): Promise<string> {
    return (await this.answers.last().innerText()).replace(/^Assistant:\s*/, "");
  }
}
