import { type FormEvent, useEffect, useRef, useState } from "react";
import { ProblemError } from "../api/problem";
import type { Priority, Task, TaskFields } from "../api/tasks";
import { Icon } from "../ui/icons";
import { Select } from "../ui/Select";
import { fromInputs, toInputs } from "./due";
import { MAX_TITLE } from "./NewTask";

const MAX_DESCRIPTION = 2_000;

interface Props {
  task: Task;
  onSave: (fields: TaskFields) => Promise<unknown>;
  onDelete: () => void;
  onClose: () => void;
}

/** A dialog to edit all fields of a task. It stays open if saving fails. */
export function TaskEditor({ task, onSave, onDelete, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const due = toInputs(task.due_at);
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({});
  const [saving, setSaving] = useState(false);

  useEffect(() => dialog.current?.showModal(), []);
  const close = () => dialog.current?.close();

  async function save(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const fields = changedFields(task, readForm(event.currentTarget));
    if (Object.keys(fields).length === 0) return close();
    setSaving(true);
    try {
      await onSave(fields);
      close();
    } catch (error) {
      setFaults(error instanceof ProblemError ? error.fields : {});
    } finally {
      setSaving(false);
    }
  }

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a dialog closes by Escape; the click is on its backdrop
    <dialog
      ref={dialog}
      className="editor"
      aria-labelledby="editor-title"
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && close()}
    >
      <h2 id="editor-title">Edit task</h2>
      <form onSubmit={save}>
        <Field label="Title" fault={faults.title}>
          <input name="title" defaultValue={task.title} required maxLength={MAX_TITLE} />
        </Field>
        <Field label="Description" fault={faults.description}>
          <textarea
            name="description"
            rows={3}
            defaultValue={task.description ?? ""}
            maxLength={MAX_DESCRIPTION}
          />
        </Field>
        <div className="editor-columns">
          <Field label="Due date" fault={faults.due_at}>
            <input name="date" type="date" defaultValue={due.date} />
          </Field>
          <Field label="Time">
            <input name="time" type="time" defaultValue={due.time} />
          </Field>
          <Field label="Priority" fault={faults.priority}>
            <Select name="priority" defaultValue={task.priority}>
              <option value="high">High</option>
              <option value="medium">Medium</option>
              <option value="low">Low</option>
            </Select>
          </Field>
        </div>
        <Field label="Tags, separated by commas" fault={faults.tags}>
          <input name="tags" defaultValue={task.tags.join(", ")} autoCapitalize="none" />
        </Field>
        <footer className="editor-foot">
          <button
            type="button"
            className="button button-quiet button-danger"
            onClick={() => {
              close();
              onDelete();
            }}
          >
            <Icon name="trash" size={16} /> Delete
          </button>
          <span className="spacer" />
          <button type="button" className="button button-quiet" onClick={close}>
            Cancel
          </button>
          <button type="submit" className="button button-primary" disabled={saving}>
            Save
          </button>
        </footer>
      </form>
    </dialog>
  );
}

function Field(props: { label: string; fault?: string | undefined; children: React.ReactNode }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control comes as its child
    <label className="field">
      <span>{props.label}</span>
      {props.children}
      {props.fault && (
        <span className="field-fault" role="alert">
          {props.fault}
        </span>
      )}
    </label>
  );
}

type Form = Required<Omit<TaskFields, "completed">>;

function readForm(form: HTMLFormElement): Form {
  const data = new FormData(form);
  const text = (name: string) => String(data.get(name) ?? "").trim();
  const tags = text("tags")
    .split(/[,\n]/)
    .map((tag) => tag.trim().replace(/^#/, "").toLowerCase())
    .filter(Boolean);
  return {
    title: text("title"),
    description: text("description") || null,
    priority: text("priority") as Priority,
    tags: [...new Set(tags)],
    due_at: fromInputs(text("date"), text("time")),
  };
}

/** Only the changed fields: the assistant's changes to other fields must not be overwritten. */
function changedFields(task: Task, form: Form): TaskFields {
  const due = toInputs(task.due_at);
  const sameDue = form.due_at === fromInputs(due.date, due.time);
  const sameTags = form.tags.join("\n") === task.tags.join("\n");
  return {
    ...(form.title === task.title ? {} : { title: form.title }),
    ...(form.description === task.description ? {} : { description: form.description }),
    ...(form.priority === task.priority ? {} : { priority: form.priority }),
    ...(sameTags ? {} : { tags: form.tags }),
    ...(sameDue ? {} : { due_at: form.due_at }),
  };
}
