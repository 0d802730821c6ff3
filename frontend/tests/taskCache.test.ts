import { QueryClient } from "@tanstack/react-query";
import { describe, expect, it } from "vitest";
import type { Task, TaskQuery } from "../src/api/tasks";
import { NO_FILTERS, toQuery } from "../src/tasks/filters";
import { dropTask, findTask, putTask, TASKS_KEY, type TaskLists } from "../src/tasks/taskCache";
import { aTask } from "./support/tasks";

function cached(query: TaskQuery, pages: Task[][], nextCursor: string | null = null) {
  const client = new QueryClient();
  client.setQueryData([TASKS_KEY, query], {
    pages: pages.map((tasks, index) => ({
      tasks,
      next_cursor: index < pages.length - 1 ? `c${index}` : nextCursor,
    })),
    pageParams: pages.map(() => undefined),
  });
  const titles = () =>
    client
      .getQueryData<TaskLists>([TASKS_KEY, query])
      ?.pages.map((page) => page.tasks.map((task) => task.title));
  return { client, titles };
}

const soon = aTask({ title: "soon", due_at: "2026-05-01T10:00:00Z" });
const late = aTask({ title: "late", due_at: "2026-06-01T10:00:00Z" });
const never = aTask({ title: "never" });

describe("the cached lists", () => {
  it("take a new task in at its place: soonest due first, then newest first", () => {
    const { client, titles } = cached({ completed: false }, [[soon, late, never]]);
    putTask(client, aTask({ title: "between", due_at: "2026-05-15T10:00:00Z" }));
    putTask(client, aTask({ title: "newest" }));
    expect(titles()).toEqual([["soon", "between", "late", "newest", "never"]]);
  });

  it("put it on the page where it belongs", () => {
    const { client, titles } = cached({}, [[soon], [late, never]]);
    putTask(client, aTask({ title: "between", due_at: "2026-05-15T10:00:00Z" }));
    expect(titles()).toEqual([["soon"], ["between", "late", "never"]]);
  });

  it("do not show a task that belongs behind the last page that was read", () => {
    const { client, titles } = cached({}, [[soon]], "more");
    putTask(client, never);
    expect(titles()).toEqual([["soon"]]);
  });

  it("append at the very end", () => {
    const { client, titles } = cached({}, [[soon]]);
    putTask(client, never);
    expect(titles()).toEqual([["soon", "never"]]);
  });

  it("lose a task that no longer matches, and gain it where it does", () => {
    const { client, titles } = cached({ completed: false }, [[soon, late]]);
    client.setQueryData([TASKS_KEY, { completed: true }], {
      pages: [{ tasks: [], next_cursor: null }],
      pageParams: [undefined],
    });
    putTask(client, { ...soon, completed_at: "2026-04-01T10:00:00Z" });
    expect(titles()).toEqual([["late"]]);
    expect(
      client.getQueryData<TaskLists>([TASKS_KEY, { completed: true }])?.pages[0]?.tasks[0]?.title,
    ).toBe("soon");
  });

  it("move a task whose due time changed", () => {
    const { client, titles } = cached({}, [[soon, late, never]]);
    putTask(client, { ...soon, due_at: "2026-07-01T10:00:00Z" });
    expect(titles()).toEqual([["late", "soon", "never"]]);
  });

  it("drop a deleted task, and find one by its id", () => {
    const { client, titles } = cached({}, [[soon], [late]]);
    expect(findTask(client, late.id)?.title).toBe("late");
    dropTask(client, late.id);
    expect(findTask(client, late.id)).toBeUndefined();
    expect(titles()).toEqual([["soon"], []]);
  });
});

describe("the filters as the API takes them", () => {
  const now = new Date("2026-03-18T12:00:00+01:00");

  it("ask for open tasks alone unless something else is chosen", () => {
    expect(JSON.parse(JSON.stringify(toQuery(NO_FILTERS, now)))).toEqual({ completed: false });
    expect(toQuery({ ...NO_FILTERS, status: "all" }, now).completed).toBeUndefined();
  });

  it("enclose whole days of the browser's zone", () => {
    const query = toQuery({ ...NO_FILTERS, due: "today" }, now);
    expect(query.due_after).toBe("2026-03-17T23:00:00.000Z");
    expect(query.due_before).toBe("2026-03-18T23:00:00.000Z");
  });

  it("take everything due before now for overdue", () => {
    expect(toQuery({ ...NO_FILTERS, due: "overdue" }, now)).toMatchObject({
      completed: false,
      due_before: now.toISOString(),
    });
  });
});
