import type { Task } from "../../src/api/tasks";

let made = 0;

export function aTask(fields: Partial<Task> = {}): Task {
  made += 1;
  const created = new Date(Date.UTC(2026, 0, 1, 0, 0, made)).toISOString();
  return {
    id: `tsk_${made}`,
    title: `Task ${made}`,
    description: null,
    priority: "medium",
    tags: [],
    due_at: null,
    completed_at: null,
    created_at: created,
    updated_at: created,
    ...fields,
  };
}
