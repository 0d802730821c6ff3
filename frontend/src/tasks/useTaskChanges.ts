import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { ProblemError, problemWords } from "../api/problem";
import type { Changed, Task, TaskFields, TasksApi } from "../api/tasks";
import type { Notify } from "../ui/toasts";
import { dropTask, findTask, putTask, restore, snapshot, TASKS_KEY } from "./taskCache";

type Change =
  | { kind: "create"; title: string }
  | { kind: "update" | "complete"; task: Task; fields: TaskFields }
  | { kind: "delete"; task: Task }
  | { kind: "undo"; changeId: string };

/**
 * The person's changes in the list. Each is shown at once, and rolled back if the server refuses.
 * The notices about completed, reopened and deleted tasks offer Undo.
 */
export function useTaskChanges(api: TasksApi, notify: Notify, onChanged: () => void) {
  const client = useQueryClient();
  const mutation = useMutation({
    mutationKey: [TASKS_KEY],
    mutationFn: (change: Change) => send(api, change),
    onMutate: async (change) => {
      await client.cancelQueries({ queryKey: [TASKS_KEY] });
      const before = snapshot(client);
      show(change);
      return { before };
    },
    onSuccess: (changed, change) => tell(change, changed?.changeId ?? null),
    onError: (error, change, context) => {
      if (context) restore(client, context.before);
      notify({ text: failureWords(error, change), tone: "danger" });
    },
    onSettled: () => {
      // While another change is pending, the server's list would revert its optimistic update.
      if (client.isMutating({ mutationKey: [TASKS_KEY] }) === 1) {
        void client.invalidateQueries({ queryKey: [TASKS_KEY] });
      }
      onChanged();
    },
  });

  function show(change: Change): void {
    if (change.kind === "create") putTask(client, draft(change.title));
    if (change.kind === "delete") dropTask(client, change.task.id);
    if ("fields" in change) putTask(client, patched(change.task, change.fields));
  }

  function tell(change: Change, changeId: string | null): void {
    const text = doneWords(change);
    if (!text) return;
    notify({
      text,
      ...(changeId
        ? { action: { label: "Undo", run: () => mutation.mutate({ kind: "undo", changeId }) } }
        : {}),
    });
  }

  const { mutate, mutateAsync } = mutation;
  return {
    create: useCallback((title: string) => mutateAsync({ kind: "create", title }), [mutateAsync]),
    update: useCallback(
      (task: Task, fields: TaskFields) => mutateAsync({ kind: "update", task, fields }),
      [mutateAsync],
    ),
    setCompleted: useCallback(
      (id: string, completed: boolean) => {
        const task = findTask(client, id);
        if (task) mutate({ kind: "complete", task, fields: { completed } });
      },
      [client, mutate],
    ),
    remove: useCallback((task: Task) => mutate({ kind: "delete", task }), [mutate]),
  };
}

async function send(api: TasksApi, change: Change): Promise<Changed<unknown> | undefined> {
  switch (change.kind) {
    case "create":
      return api.create({ title: change.title });
    case "update":
    case "complete":
      return api.update(change.task.id, change.fields);
    case "delete":
      return api.remove(change.task.id);
    case "undo":
      await api.undo(change.changeId);
      return undefined;
  }
}

function draft(title: string): Task {
  const now = new Date().toISOString();
  return {
    id: `new_${crypto.randomUUID()}`,
    title,
    description: null,
    priority: "medium",
    tags: [],
    due_at: null,
    completed_at: null,
    created_at: now,
    updated_at: now,
  };
}

function patched(task: Task, { completed, ...fields }: TaskFields): Task {
  const completion =
    completed === undefined ? {} : { completed_at: completed ? new Date().toISOString() : null };
  return { ...task, ...fields, ...completion };
}

function doneWords(change: Change): string | undefined {
  switch (change.kind) {
    case "complete":
      return change.fields.completed
        ? `Completed “${change.task.title}”`
        : `Reopened “${change.task.title}”`;
    case "delete":
      return `Deleted “${change.task.title}”`;
    case "undo":
      return "Undone";
    default:
      return undefined;
  }
}

function failureWords(error: unknown, change: Change): string {
  if (error instanceof ProblemError) {
    if (change.kind === "undo" && error.status === 409) {
      return "It was changed in the meantime, so it cannot be undone.";
    }
    return problemWords(error, new Date());
  }
  return "No connection. The change was not saved.";
}
