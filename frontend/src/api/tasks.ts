import { readProblem } from "./problem";
import type { Send } from "./send";

export type Priority = "low" | "medium" | "high";

/** A task from the API. Times are RFC 3339 with an offset. */
export interface Task {
  id: string;
  title: string;
  description: string | null;
  priority: Priority;
  tags: string[];
  due_at: string | null;
  completed_at: string | null;
  created_at: string;
  updated_at: string;
}

export interface TaskPage {
  tasks: Task[];
  next_cursor: string | null;
}

/** The fields that a person may set. Missing fields stay unchanged. */
export interface TaskFields {
  title?: string;
  description?: string | null;
  priority?: Priority;
  tags?: string[];
  due_at?: string | null;
  completed?: boolean;
}

export interface TaskQuery {
  completed?: boolean | undefined;
  priority?: Priority | undefined;
  tag?: string | undefined;
  due_before?: string | undefined;
  due_after?: string | undefined;
  q?: string | undefined;
  limit?: number | undefined;
  cursor?: string | undefined;
}

/** The result of a change: the task, if it still exists, and the id to undo the change. */
export interface Changed<T> {
  value: T;
  changeId: string | null;
}

export type TasksApi = ReturnType<typeof createTasksApi>;

/** The REST endpoints for tasks. Failures are `ProblemError`, or `TypeError` without a network. */
export function createTasksApi(send: Send) {
  async function call(path: string, method: string, body?: unknown, signal?: AbortSignal) {
    const response = await send(path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
    if (!response.ok) throw await readProblem(response);
    return response;
  }

  async function change<T>(response: Response): Promise<Changed<T>> {
    const value = response.status === 204 ? undefined : await response.json();
    return { value: value as T, changeId: response.headers.get("x-change-id") };
  }

  return {
    async list(query: TaskQuery, signal?: AbortSignal): Promise<TaskPage> {
      const parameters = new URLSearchParams();
      for (const [name, value] of Object.entries(query)) {
        if (value !== undefined && value !== "") parameters.set(name, String(value));
      }
      const response = await call(`/api/tasks?${parameters}`, "GET", undefined, signal);
      return (await response.json()) as TaskPage;
    },

    async get(id: string): Promise<Task> {
      const response = await call(`/api/tasks/${encodeURIComponent(id)}`, "GET");
      return (await response.json()) as Task;
    },

    async create(fields: TaskFields): Promise<Changed<Task>> {
      return change(await call("/api/tasks", "POST", fields));
    },

    async update(id: string, fields: TaskFields): Promise<Changed<Task>> {
      return change(await call(`/api/tasks/${encodeURIComponent(id)}`, "PATCH", fields));
    },

    async remove(id: string): Promise<Changed<undefined>> {
      return change(await call(`/api/tasks/${encodeURIComponent(id)}`, "DELETE"));
    },

    async undo(changeId: string): Promise<void> {
      await call(`/api/changes/${encodeURIComponent(changeId)}/undo`, "POST");
    },
  };
}
