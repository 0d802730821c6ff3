import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Task, TasksApi } from "../api/tasks";
import { type TaskFilters, toQuery } from "./filters";
import { TASKS_KEY } from "./taskCache";

const PAGE_SIZE = 100;

/** The tasks that match the filters, page by page. */
export function useTasks(api: TasksApi, filters: TaskFilters) {
  // A filter by due time is relative to the moment when it was chosen.
  const query = useMemo(() => toQuery(filters, new Date()), [filters]);
  const result = useInfiniteQuery({
    queryKey: [TASKS_KEY, query],
    queryFn: ({ pageParam, signal }) =>
      api.list({ ...query, limit: PAGE_SIZE, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
  const tasks = useMemo(
    () => unique(result.data?.pages.flatMap((page) => page.tasks)),
    [result.data],
  );
  return { ...result, tasks };
}

/** Removes duplicates: a task that moved while the pages were loaded can be on two of them. */
function unique(tasks: Task[] = []): Task[] {
  return [...new Map(tasks.map((task) => [task.id, task])).values()];
}
