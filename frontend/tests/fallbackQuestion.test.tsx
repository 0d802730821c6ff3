import { act, fireEvent, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { json, openStream } from "./support/backend";
import { item, opened, thread } from "./support/fallback";

afterEach(() => {
  document.body.replaceChildren();
});

const OPTIONS = ["Call the dentist, tomorrow 09:00", "Pay the dentist, no due date"];
const which = (members: object = {}) => ({
  id: "q",
  type: "multiple_choice",
  question: "Which one is done?",
  options: OPTIONS.map((value) => ({ value })),
  ...members,
});
const asked = (inputs: object[] = [which()], members: object = {}) =>
  item("structured_input", "in_1", { status: "pending", inputs, ...members });

async function chatWith(items: object[]) {
  const stream = openStream();
  const stored = { ...thread("thr_1"), items: { data: items, has_more: false } };
  const chat = await opened(
    {
      "threads.get_by_id": () => json(stored),
      "threads.add_structured_input": () => stream.response,
    },
    "thr_1",
  );
  await waitFor(() => expect(chat.events).toContain("thread.load.end"));
  const submitted = () => chat.asked.filter(({ type }) => type.endsWith("structured_input"));
  const card = () => chat.root().querySelector(".structured-input") as HTMLElement;
  return { ...chat, stream, submitted, card };
}

describe("a question of the assistant", () => {
  it("is answered by one click, and the answer goes on in the same stream", async () => {
    const chat = await chatWith([asked()]);
    expect(chat.text()).toContain("Which one is done?");
    act(() => chat.button(OPTIONS[0] as string).click());
    await waitFor(() => expect(chat.submitted()).toHaveLength(1));
    expect(chat.submitted().map(({ params }) => params)).toEqual([
      {
        thread_id: "thr_1",
        item_id: "in_1",
        input: { status: "answered", answers: { q: { values: [OPTIONS[0]], skipped: false } } },
      },
    ]);
    // What is sent cannot be sent again.
    await waitFor(() => expect(chat.button("Skip").disabled).toBe(true));
    expect(chat.button(OPTIONS[1] as string).closest("fieldset")?.disabled).toBe(true);
    expect(chat.root().activeElement).toBe(chat.card());

    const answer = { values: [OPTIONS[0]], skipped: false };
    chat.stream.send({
      type: "thread.item.replaced",
      item: asked([which({ answer })], { status: "answered" }),
    });
    chat.stream.send({
      type: "thread.item.done",
      item: item("assistant_message", "a", { content: [{ text: "Completed." }] }),
    });
    chat.stream.end();
    await waitFor(() => expect(chat.events.at(-1)).toBe("response.end"));
    expect(chat.card().textContent).toBe(`Which one is done?${OPTIONS[0]}`);
    expect(chat.card().querySelector("button, input")).toBeNull();
    expect(chat.text()).toContain("Completed.");
    expect(chat.events).toContain("response.start");
  });

  it("can be skipped", async () => {
    const chat = await chatWith([asked()]);
    act(() => chat.button("Skip").click());
    await waitFor(() => expect(chat.submitted()).toHaveLength(1));
    expect(chat.submitted()[0]?.params.input).toEqual({
      status: "skipped",
      answers: { q: { values: [], skipped: true } },
    });
  });

  it("can be answered in words of one's own, but not with nothing", async () => {
    const chat = await chatWith([asked()]);
    const field = chat.root().querySelector(".structured-input input") as HTMLInputElement;
    expect(field.required).toBe(true);
    fireEvent.change(field, { target: { value: " neither " } });
    fireEvent.submit(field.form as HTMLFormElement);
    await waitFor(() => expect(chat.submitted()).toHaveLength(1));
    expect(chat.submitted()[0]?.params.input).toEqual({
      status: "answered",
      answers: { q: { values: ["neither"], skipped: false } },
    });
  });

  it("of several is answered together, and what is left out counts as skipped", async () => {
    const chat = await chatWith([
      asked([
        which({ id: "many", multiple: true }),
        which({ id: "one" }),
        { id: "why", type: "freeform", question: "Why?", description: "In a word" },
        { id: "when", type: "freeform", question: "When?" },
      ]),
    ]);
    expect(chat.text()).toContain("In a word");
    const named = (name: string) =>
      [...chat.root().querySelectorAll<HTMLInputElement>(`input[name="${name}"]`)] as [
        HTMLInputElement,
        HTMLInputElement,
        HTMLInputElement,
      ];
    act(() => {
      for (const box of named("many").slice(0, 2)) box.click();
      named("one")[1].click();
    });
    fireEvent.change(named("many")[2], { target: { value: "and a third" } });
    fireEvent.change(named("why")[0], { target: { value: "Done" } });
    act(() => chat.button("Answer").click());
    await waitFor(() => expect(chat.submitted()).toHaveLength(1));
    expect(chat.submitted()[0]?.params.input).toEqual({
      status: "answered",
      answers: {
        many: { values: [...OPTIONS, "and a third"], skipped: false },
        one: { values: [OPTIONS[1]], skipped: false },
        why: { values: ["Done"], skipped: false },
        when: { values: [], skipped: true },
      },
    });
  });

  it.each([
    ["answered", { values: [OPTIONS[1]], skipped: false }, OPTIONS[1]],
    ["answered", { values: [], skipped: true }, "Skipped"],
    ["skipped", { values: [], skipped: true }, "Skipped"],
  ])("shows after a reload that it was %s", async (status, answer, words) => {
    const chat = await chatWith([asked([which({ answer })], { status })]);
    expect(chat.card().textContent).toBe(`Which one is done?${words}`);
    expect(chat.card().querySelector("button")).toBeNull();
  });

  it("is closed by what was said after it", async () => {
    const words = item("user_message", "u", {
      content: [{ type: "input_text", text: "Never mind" }],
    });
    const chat = await chatWith([asked(), words]);
    expect(chat.card().textContent).toBe("Which one is done?Not answered");
  });

  it("can be answered again when the server refused", async () => {
    const chat = await chatWith([asked()]);
    act(() => chat.button("Skip").click());
    chat.stream.send({ type: "error", code: "custom", message: "Too many messages" });
    chat.stream.end();
    await waitFor(() => expect(chat.text()).toContain("Too many messages"));
    await waitFor(() => expect(chat.button("Skip").disabled).toBe(false));
  });

  it("waits until the answer that asks it has ended", async () => {
    const answer = openStream();
    const chat = await opened({ "threads.create": () => answer.response });
    void chat.element.sendUserMessage({ text: "the dentist is done" });
    answer.send({ type: "thread.created", thread: thread("thr_1") });
    answer.send({ type: "thread.item.done", item: asked() });
    await waitFor(() => expect(chat.button("Skip")?.disabled).toBe(true));
    answer.end();
    await waitFor(() => expect(chat.button("Skip").disabled).toBe(false));
  });
});
