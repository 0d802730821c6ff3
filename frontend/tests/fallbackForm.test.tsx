import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { ActionConfig, WidgetNode } from "../src/fallback/protocol";
import { Widget } from "../src/fallback/Widget";
import { dayOf, withOffset } from "../src/fallback/widget/dates";
import { withValues } from "../src/fallback/widget/formValues";

afterEach(cleanup);

const field = (fieldName: string, value: string, control: WidgetNode): WidgetNode => ({
  type: "Col",
  children: [
    { type: "Label", fieldName, value },
    { name: fieldName, ...control },
  ],
});

const FORM: WidgetNode = {
  type: "Card",
  children: [
    {
      type: "Form",
      onSubmitAction: { type: "task.change", payload: { task_id: "tsk_1" } },
      children: [
        field("title", "Title", { type: "Input", defaultValue: "Call mom", required: true }),
        field("due.date", "Date", { type: "DatePicker", defaultValue: "2026-11-25T17:00:00Z" }),
        field("due.time", "Time", { type: "Input", pattern: "\\d\\d:\\d\\d" }),
        field("priority", "Priority", {
          type: "Select",
          defaultValue: "medium",
          options: [
            { value: "low", label: "Low" },
            { value: "medium", label: "Medium" },
            { value: "high", label: "High" },
          ],
        }),
        field("note", "Note", { type: "Textarea" }),
        { type: "Checkbox", name: "done", label: "Done" },
        { type: "Button", label: "Save", submit: true, style: "primary" },
      ],
    },
  ],
};

function shown(root: WidgetNode = FORM, busy = false) {
  const sent: ActionConfig[] = [];
  const onAction = async (action: ActionConfig) => void sent.push(action);
  return { sent, ...render(<Widget root={root} busy={busy} onAction={onAction} />) };
}

describe("a form in a widget", () => {
  it("sends its values by name with its action, as ChatKit does", async () => {
    const user = userEvent.setup();
    const { sent } = shown();
    await user.clear(screen.getByLabelText("Title"));
    await user.type(screen.getByLabelText("Title"), "Call dad");
    await user.type(screen.getByLabelText("Time"), "18:30");
    await user.selectOptions(screen.getByLabelText("Priority"), "high");
    await user.click(screen.getByLabelText("Done"));
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(sent).toEqual([
      {
        type: "task.change",
        loadingBehavior: "container",
        payload: {
          task_id: "tsk_1",
          title: "Call dad",
          due: { date: withOffset("2026-11-25T17:00:00Z"), time: "18:30" },
          priority: "high",
          note: "",
          done: true,
        },
      },
    ]);
  });

  it("is sent by Enter in a field", async () => {
    const user = userEvent.setup();
    const { sent } = shown();
    await user.type(screen.getByLabelText("Title"), "{Enter}");
    expect(sent).toHaveLength(1);
  });

  it.each([
    ["a required field is empty", "Title", ""],
    ["a field does not fit its pattern", "Time", "soon"],
  ])("is not sent while %s", async (_, label, value) => {
    const user = userEvent.setup();
    const { sent } = shown();
    await user.clear(screen.getByLabelText(label));
    if (value) await user.type(screen.getByLabelText(label), value);
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(sent).toEqual([]);
  });

  it("is sent once, however often it is clicked, and keeps the focus", async () => {
    const user = userEvent.setup();
    const onAction = vi.fn(() => new Promise<void>(() => {}));
    render(<Widget root={FORM} busy={false} onAction={onAction} />);
    const save = screen.getByRole("button", { name: "Save" });
    await user.click(save);
    await user.click(save);
    expect(onAction).toHaveBeenCalledTimes(1);
    expect(save.getAttribute("aria-busy")).toBe("true");
    expect(document.activeElement).toBe(save);
    expect(save.closest(".widget")?.hasAttribute("data-waiting")).toBe(true);
  });

  it("says what is at fault, and keeps what was typed", async () => {
    const user = userEvent.setup();
    const { rerender } = shown();
    await user.type(screen.getByLabelText("Time"), "25:99");
    const fault = { type: "Text", color: "danger", value: "There is no such time." };
    const form = FORM.children as WidgetNode[];
    const told = { ...FORM, children: [{ ...form[0], children: [fault, ...fields()] }] };
    rerender(<Widget root={told as WidgetNode} busy={false} onAction={async () => {}} />);
    expect(screen.getByRole("alert").textContent).toBe("There is no such time.");
    expect((screen.getByLabelText("Time") as HTMLInputElement).value).toBe("25:99");
  });

  it("does the action of a field that changes, with its value", async () => {
    const user = userEvent.setup();
    const { sent } = shown({
      type: "Card",
      children: [
        {
          type: "Checkbox",
          name: "done",
          label: "Done",
          onChangeAction: { type: "task.complete", payload: { task_id: "tsk_1" } },
        },
      ],
    });
    await user.click(screen.getByLabelText("Done"));
    expect(sent).toEqual([{ type: "task.complete", payload: { task_id: "tsk_1", done: true } }]);
  });

  it("sends a card as a form with Confirm", async () => {
    const user = userEvent.setup();
    const { sent } = shown({
      type: "Card",
      asForm: true,
      children: [{ type: "Input", name: "title", defaultValue: "Call mom" }],
      confirm: { label: "Save", action: { type: "task.change" } },
      cancel: { label: "Cancel", action: { type: "task.keep" } },
    });
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(sent).toEqual([
      { type: "task.keep", loadingBehavior: "container" },
      { type: "task.change", loadingBehavior: "container", payload: { title: "Call mom" } },
    ]);
  });

  it("can be used with a screen reader", async () => {
    const { container } = shown();
    const { violations } = await axe.run(container, { rules: { region: { enabled: false } } });
    expect(violations.map(({ id }) => id)).toEqual([]);
  });
});

function fields(): WidgetNode[] {
  const [form] = FORM.children as WidgetNode[];
  return form?.children as WidgetNode[];
}

describe("a form's values", () => {
  it("leave what is there with another type as it is", () => {
    const action = { type: "a", payload: { task_id: "tsk_1", count: 3 } };
    expect(withValues(action, { count: "4", task_id: "tsk_2" }).payload).toEqual({
      task_id: "tsk_2",
      count: 3,
    });
    expect(action.payload.task_id).toBe("tsk_1");
  });
});

describe("a picked day", () => {
  it("is sent as its beginning in the browser's zone", () => {
    expect(new Date(withOffset("2026-03-29"))).toEqual(new Date("2026-03-29T00:00"));
    expect(withOffset("2026-03-29")).toMatch(/^2026-03-29T00:00:00\.000[+-]\d\d:\d\d$/);
    expect(withOffset("")).toBe("");
  });

  it("keeps the instant that it had, in the browser's zone", () => {
    const sent = withOffset("2026-11-25T17:00:00Z");
    expect(new Date(sent)).toEqual(new Date("2026-11-25T17:00:00Z"));
    expect(sent).toMatch(/T\d\d:\d\d:00\.000[+-]\d\d:\d\d$/);
  });

  it("is the day of the instant there", () => {
    expect(dayOf(withOffset("2026-12-31"))).toBe("2026-12-31");
    expect(dayOf("2026-12-31")).toBe("2026-12-31");
    expect(dayOf("never")).toBe("");
  });
});
