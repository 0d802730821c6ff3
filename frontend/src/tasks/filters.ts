import type { Priority, Task, TaskQuery } from "../api/tasks";
import { startOfDay } from "./due";

export type StatusFilter = "open" | "done" | "all";
export type DueFilter = "any" | "overdue" | "today" | "week";

/** Which tasks the dashboard shows. */
export interface TaskFilters {
  status: StatusFilter;
  priority: Priority | "any";
  due: DueFilter;
  /** Empty for any tag. */
  tag: string;
  /** Empty for any text. */
  search: string;
}

export const NO_FILTERS: TaskFilters = {
  status: "open",
  priority: "any",
  due: "any",
  tag: "",
  search: "",
};

/** Whether any filter other than the status is set. */
export function isNarrowed(filters: TaskFilters): boolean {
  return (
    filters.priority !== "any" ||
    filters.due !== "any" ||
    filters.tag !== "" ||
    filters.search !== ""
  );
}

/** The filters as an API query. `due` becomes a range of times, in the browser's time zone. */
export function toQuery(filters: TaskFilters, now: Date): TaskQuery {
  return {
    completed: filters.status === "all" ? undefined : filters.status === "done",
    priority: filters.priority === "any" ? undefined : filters.priority,
    tag: filters.tag || undefined,
    q: filters.search || undefined,
    ...dueBounds(filters.due, now),
  };
}

function dueBounds(due: DueFilter, now: Date): Pick<TaskQuery, "due_after" | "due_before"> {
  switch (due) {
    case "any":
      return {};
    case "overdue":
      return { due_before: now.toISOString() };
    case "today":
      return dueRange(now, 1);
    case "week":
      return dueRange(now, 7);
  }
}

function dueRange(now: Date, days: number): Pick<TaskQuery, "due_after" | "due_before"> {
  return {
    due_after: startOfDay(now).toISOString(),
    due_before: startOfDay(now, days).toISOString(),
  };
}

/** Whether a list with this query contains the task. The server's rule, for optimistic updates. */
export function matches(task: Task, query: TaskQuery): boolean {
  const done = task.completed_at !== null;
  const due = task.due_at === null ? undefined : Date.parse(task.due_at);
  const text = `${task.title}\n${task.description ?? ""}`.toLowerCase();
  return (
    (query.completed === undefined || query.completed === done) &&
    (query.priority === undefined || query.priority === task.priority) &&
    (query.tag === undefined || task.tags.includes(query.tag)) &&
    (query.due_before === undefined || (due !== undefined && due < Date.parse(query.due_before))) &&
    (query.due_after === undefined || (due !== undefined && due >= Date.parse(query.due_after))) &&
    (query.q === undefined || text.includes(query.q.toLowerCase()))
  );
}

/** The order of all lists: open before done, then soonest due first, then newest first. */
export function compareTasks(a: Task, b: Task): number {
  const place = (task: Task): [number, number, number] => [
    task.completed_at === null ? 0 : 1,
    task.due_at === null ? Number.POSITIVE_INFINITY : Date.parse(task.due_at),
    -Date.parse(task.created_at),
  ];
  const [left, right] = [place(a), place(b)];
  for (const index of [0, 1, 2] as const) {
    if (left[index] !== right[index]) return left[index] < right[index] ? -1 : 1;
  }
  return 0;
}
