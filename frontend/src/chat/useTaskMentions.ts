import type { EntitiesOption, Entity } from "@openai/chatkit";
import { useMemo } from "react";
import type { Task, TasksApi } from "../api/tasks";
import { describeDue } from "../tasks/due";

const MOST_FOUND = 8;

/**
 * `@` in the composer finds tasks by their words; one that is clicked opens in the dashboard.
 *
 * The element's own @ button stays off: with it, ChatKit shifts the field by the button's width
 * inside a box that clips, and the browser scrolls that box when the field gets the focus. The
 * button is then cut off, and Send stands too far left.
 */
export function useTaskMentions(api: TasksApi, onOpen: (id: string) => void): EntitiesOption {
  return useMemo(
    () => ({
      async onTagSearch(query) {
        const { tasks } = await api.list({ q: query.trim() || undefined, limit: MOST_FOUND });
        return tasks.map(toEntity);
      },
      onClick: (entity) => onOpen(entity.data?.task_id ?? entity.id),
    }),
    [api, onOpen],
  );
}

function toEntity(task: Task): Entity {
  return {
    id: task.id,
    title: task.title,
    group: task.completed_at ? "Done" : "Open",
    icon: task.completed_at ? "check-circle-filled" : "empty-circle",
    interactive: true,
    data: {
      task_id: task.id,
      ...(task.due_at ? { due: describeDue(task.due_at, new Date()).words } : {}),
    },
  };
}
