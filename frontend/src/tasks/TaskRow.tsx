import { memo } from "react";
import type { Task } from "../api/tasks";
import { Icon } from "../ui/icons";
import { describeDue } from "./due";

interface Props {
  task: Task;
  index: number;
  now: Date;
  onOpen: (task: Task) => void;
  onComplete: (id: string, completed: boolean, index: number) => void;
  onDelete: (task: Task, index: number) => void;
  onTag: (tag: string) => void;
}

export const TaskRow = memo(function TaskRow(props: Props) {
  const { task, index, now, onOpen, onComplete, onDelete, onTag } = props;
  const done = task.completed_at !== null;
  // The server does not have the task yet, so no request can use its id.
  const pending = task.id.startsWith("new_");
  return (
    <div className="task" data-done={done} data-pending={pending}>
      <label className="task-check">
        <input
          type="checkbox"
          data-control="complete"
          aria-label={`${task.title}: ${done ? "done" : "mark as done"}`}
          checked={done}
          disabled={pending}
          onChange={() => onComplete(task.id, !done, index)}
        />
        <span className="task-check-box">
          <Icon name="check" size={14} />
        </span>
      </label>
      <div className="task-body">
        <button
          type="button"
          className="task-title"
          disabled={pending}
          onClick={() => onOpen(task)}
        >
          {task.title}
        </button>
        <TaskMeta task={task} now={now} onTag={onTag} />
      </div>
      <button
        type="button"
        className="icon-button task-delete"
        data-control="delete"
        disabled={pending}
        aria-label={`Delete ${task.title}`}
        onClick={() => onDelete(task, index)}
      >
        <Icon name="trash" />
      </button>
    </div>
  );
});

function TaskMeta({ task, now, onTag }: Pick<Props, "task" | "now" | "onTag">) {
  const due = task.due_at === null ? undefined : describeDue(task.due_at, now);
  const overdue = due?.overdue === true && task.completed_at === null;
  const isPlain = !due && task.priority === "medium" && !task.tags.length && !task.description;
  if (isPlain) return null;
  return (
    <p className="task-meta">
      {due && (
        <span className="due" data-overdue={overdue} data-today={due.today}>
          <Icon name="clock" size={14} />
          {overdue && <span>Overdue ·</span>}
          <time dateTime={task.due_at ?? ""}>{due.words}</time>
        </span>
      )}
      {task.priority !== "medium" && (
        <span className="priority" data-priority={task.priority}>
          <Icon name="flag" size={14} />
          {task.priority === "high" ? "High" : "Low"}
        </span>
      )}
      {task.description && (
        <span className="has-note" title={task.description}>
          <Icon name="note" size={14} />
          <span className="visually-hidden">Has a description</span>
        </span>
      )}
      {task.tags.map((tag) => (
        <button
          key={tag}
          type="button"
          className="tag"
          aria-label={`Show tasks tagged ${tag}`}
          onClick={() => onTag(tag)}
        >
          #{tag}
        </button>
      ))}
    </p>
  );
}
