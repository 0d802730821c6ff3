import type { InfiniteData, QueryClient, QueryKey } from "@tanstack/react-query";
import type { Task, TaskPage, TaskQuery } from "../api/tasks";
import { compareTasks, matches } from "./filters";

/** The first part of the cache key of every task list. The list's query follows it. */
export const TASKS_KEY = "tasks";

export type TaskLists = InfiniteData<TaskPage, string | undefined>;
export type Snapshot = [QueryKey, TaskLists | undefined][];

/** Updates the task in each cached list: replaces, moves or removes it. */
export function putTask(client: QueryClient, task: Task): void {
  editLists(client, (lists, query) => {
    const rest = without(lists, task.id);
    return matches(task, query) ? inserted(rest, task) : rest;
  });
}

export function dropTask(client: QueryClient, id: string): void {
  editLists(client, (lists) => without(lists, id));
}

export function findTask(client: QueryClient, id: string): Task | undefined {
  for (const [, lists] of client.getQueriesData<TaskLists>({ queryKey: [TASKS_KEY] })) {
    const found = lists?.pages.flatMap((page) => page.tasks).find((task) => task.id === id);
    if (found) return found;
  }
  return undefined;
}

/** A snapshot of the lists. `restore` brings it back if the server refuses a change. */
export function snapshot(client: QueryClient): Snapshot {
  return client.getQueriesData<TaskLists>({ queryKey: [TASKS_KEY] });
}

export function restore(client: QueryClient, lists: Snapshot): void {
  for (const [key, data] of lists) client.setQueryData(key, data);
}

function editLists(
  client: QueryClient,
  edit: (lists: TaskLists, query: TaskQuery) => TaskLists,
): void {
  for (const [key, lists] of snapshot(client)) {
    if (lists) client.setQueryData(key, edit(lists, key[1] as TaskQuery));
  }
}

function without(lists: TaskLists, id: string): TaskLists {
  const pages = lists.pages.map((page) =>
    page.tasks.some((task) => task.id === id)
      ? { ...page, tasks: page.tasks.filter((task) => task.id !== id) }
      : page,
  );
  return { ...lists, pages };
}

/** Inserts the task at its position, but at the end only if there are no further pages. */
function inserted(lists: TaskLists, task: Task): TaskLists {
  const pages = [...lists.pages];
  for (const [index, page] of pages.entries()) {
    const place = page.tasks.findIndex((other) => compareTasks(task, other) < 0);
    const isEnd = place === -1 && index === pages.length - 1 && page.next_cursor === null;
    if (place === -1 && !isEnd) continue;
    const tasks = [...page.tasks];
    tasks.splice(isEnd ? tasks.length : place, 0, task);
    pages[index] = { ...page, tasks };
    break;
  }
  return { ...lists, pages };
}
