import { type FormEvent, useState } from "react";
import { Icon } from "../ui/icons";

export const MAX_TITLE = 255;

/** A field for a new task's title. Enter saves it. A title that could not be saved comes back. */
export function NewTask({ onAdd }: { onAdd: (title: string) => Promise<unknown> }) {
  const [title, setTitle] = useState("");

  function submit(event: FormEvent) {
    event.preventDefault();
    const added = title.trim();
    if (!added) return;
    setTitle("");
    onAdd(added).catch(() => setTitle((typed) => typed || added));
  }

  return (
    <form className="new-task" onSubmit={submit}>
      <Icon name="plus" />
      <input
        aria-label="New task"
        placeholder="Add a task"
        value={title}
        maxLength={MAX_TITLE}
        enterKeyHint="done"
        autoComplete="off"
        onChange={(event) => setTitle(event.target.value)}
      />
      <button type="submit" className="button button-small" disabled={!title.trim()}>
        Add
      </button>
    </form>
  );
}
