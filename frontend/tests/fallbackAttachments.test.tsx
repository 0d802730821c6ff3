import { act, fireEvent } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { Tray } from "../src/fallback/attachments/tray";
import { json, later, openStream, problem } from "./support/backend";
import { item, opened, thread } from "./support/fallback";

const MB = 1024 * 1024;
const options = {
  composer: {
    attachments: {
      enabled: true,
      maxSize: 10 * MB,
      maxCount: 2,
      accept: { "image/png": [".png"], "text/plain": [".txt"] },
    },
  },
};
const rules = {
  maxCount: 2,
  maxBytes: 10 * MB,
  types: { "image/png": [".png"], "text/plain": [".txt"] },
};

const image = (name = "board.png") => new File(["PNG!"], name, { type: "image/png" });
const text = (name = "notes.txt") => new File(["milk"], name, { type: "text/plain" });
function ofSize(bytes: number, name = "big.png"): File {
  const file = image(name);
  Object.defineProperty(file, "size", { value: bytes });
  return file;
}

/** What the server makes of a file. */
const created = (name: string, type = "image/png") => ({
  id: `atc_${name}`,
  type: type.startsWith("image/") ? "image" : "file",
  name,
  mime_type: type,
  ...(type.startsWith("image/") && { preview_url: `/preview/${name}` }),
  upload_descriptor: { url: `/upload/${name}`, method: "PUT", headers: { "Content-Type": type } },
});

/** A tray whose uploads end when the test says so. */
function startTray(refusal?: Error) {
  const uploads: { end: () => void; fail: () => void; progress: (part: number) => void }[] = [];
  const client = {
    createAttachment: vi.fn(async (file: { name: string; mime_type: string }) => {
      if (refusal) throw refusal;
      return created(file.name, file.mime_type) as never;
    }),
    deleteAttachment: vi.fn(async (_id: string) => undefined),
  };
  const tray = new Tray(
    client,
    () => {},
    (_to, _file, progress, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
        uploads.push({ end: resolve, fail: () => reject(new Error("500")), progress });
      }),
  );
  return { tray, client, uploads };
}

describe("files for the next message", () => {
  it("are made known to the server, uploaded, and named once they are there", async () => {
    const { tray, client, uploads } = startTray();
    const added = tray.add([image()], rules);
    await later();
    expect(client.createAttachment).toHaveBeenCalledWith({
      name: "board.png",
      size: 4,
      mime_type: "image/png",
    });
    uploads[0]?.progress(0.5);
    expect(tray.chips[0]?.progress).toBe(0.5);
    expect([tray.uploading, tray.ids]).toEqual([true, []]);
    uploads[0]?.end();
    await added;
    expect([tray.uploading, tray.ids]).toEqual([false, ["atc_board.png"]]);
  });

  it.each([
    [[new File(["x"], "a.zip", { type: "application/zip" })], "of a type that cannot be attached"],
    [[ofSize(11 * MB)], "“big.png” is too large: a file can have 10 MB at most."],
    [[ofSize(0, "none.png")], "“none.png” is empty."],
  ])("are refused with words: %#", async (files, words) => {
    const { tray, client } = startTray();
    await tray.add(files, rules);
    expect(tray.error).toContain(words);
    expect(tray.chips).toEqual([]);
    expect(client.createAttachment).not.toHaveBeenCalled();
  });

  it("that are too many are left out, and the first are taken", async () => {
    const { tray } = startTray();
    void tray.add([image("1.png"), image("2.png"), image("3.png")], rules);
    expect(tray.error).toBe("A message can bring 2 files at most.");
    expect(tray.chips.map(({ name }) => name)).toEqual(["1.png", "2.png"]);
  });

  it("have the type that their name says where the browser knows none", async () => {
    const { tray, client } = startTray();
    void tray.add([new File(["x"], "Notes.TXT")], rules);
    await later();
    expect(client.createAttachment.mock.calls[0]?.[0]).toMatchObject({ mime_type: "text/plain" });
  });

  it("that the server refuses, or that do not arrive, leave words and nothing else", async () => {
    const { ProblemError } = await import("../src/api/problem");
    const refused = startTray(new ProblemError(413, "payload-too-large", "10 MB at most."));
    await refused.tray.add([image()], rules);
    expect(refused.tray.error).toBe("“board.png” was not attached. 10 MB at most.");
    const failed = startTray();
    const added = failed.tray.add([image()], rules);
    await later();
    failed.uploads[0]?.fail();
    await added;
    expect(failed.tray.error).toContain("could not be uploaded");
    expect(failed.client.deleteAttachment).toHaveBeenCalledWith("atc_board.png");
    expect([refused.tray.chips, failed.tray.chips]).toEqual([[], []]);
  });

  it("are taken back from the server, also in the middle of their upload", async () => {
    const { tray, client, uploads } = startTray();
    const added = tray.add([image(), text()], rules);
    await later();
    uploads[0]?.end();
    await later();
    for (const { key } of tray.chips) tray.remove(key);
    await added;
    expect(client.deleteAttachment.mock.calls.flat().sort()).toEqual([
      "atc_board.png",
      "atc_notes.txt",
    ]);
    expect([tray.chips, tray.error]).toEqual([[], undefined]);
  });
});

describe("the composer", () => {
  it("has a paperclip only where files are allowed", async () => {
    const without = await opened({});
    expect(without.button("Attach files")).toBeUndefined();
    const chat = await opened({}, null, options);
    expect(chat.button("Attach files")).toBeDefined();
    const input = chat.root().querySelector("input[type=file]") as HTMLInputElement;
    expect(input.accept).toBe("image/png,.png,text/plain,.txt");
  });

  it("takes files that are pasted, and sends them with the message", async () => {
    const stream = openStream();
    const sent = vi.spyOn(XMLHttpRequest.prototype, "send").mockImplementation(function (
      this: XMLHttpRequest,
    ) {
      Object.defineProperty(this, "status", { value: 200 });
      this.onload?.({} as never);
    });
    const chat = await opened(
      {
        "attachments.create": () => json(created("board.png")),
        "threads.create": () => stream.response,
      },
      null,
      options,
    );
    fireEvent.paste(chat.field(), { clipboardData: { files: [image()] } });
    await chat.settle();
    expect(chat.text()).toContain("board.png");
    expect(sent).toHaveBeenCalledTimes(1);
    fireEvent.change(chat.field(), { target: { value: "make tasks of this" } });
    fireEvent.submit(chat.root().querySelector("form") as HTMLFormElement);
    await chat.settle();
    const asked = chat.asked.find(({ type }) => type === "threads.create");
    expect(asked?.params).toMatchObject({ input: { attachments: ["atc_board.png"] } });
    stream.send({ type: "thread.created", thread: thread("thr_1") });
    const { upload_descriptor: _, ...attachment } = created("board.png");
    const content = [{ type: "input_text", text: "make tasks of this" }];
    const message = item("user_message", "msg_1", { content, attachments: [attachment] });
    stream.send({ type: "thread.item.done", item: message });
    await chat.settle();
    expect(chat.root().querySelector(".chip")).toBeNull();
    expect(chat.root().querySelector(".sent-files img")?.getAttribute("alt")).toBe("board.png");
    await act(async () => stream.end());
  });

  it("says in words what is wrong with a file that is dropped", async () => {
    const chat = await opened(
      { "attachments.create": () => problem(429, "too-many-changes") },
      null,
      options,
    );
    const place = chat.root().querySelector(".chat") as HTMLElement;
    fireEvent.drop(place, { dataTransfer: { types: ["Files"], files: [image()] } });
    await chat.settle();
    expect(chat.root().querySelector(".attach-error")?.textContent).toContain("many changes");
    expect(chat.root().querySelector(".chip")).toBeNull();
  });

  it("shows what comes back of a message that was refused", async () => {
    const chat = await opened({}, null, options);
    const { upload_descriptor: _, ...attachment } = created("board.png");
    const attachments = [attachment as never];
    await act(() => chat.element.setComposerValue({ text: "again", attachments }));
    await chat.settle();
    expect(chat.root().querySelector(".chip")?.textContent).toContain("board.png");
  });
});
