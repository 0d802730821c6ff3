import type { EntitiesOption, Entity } from "@openai/chatkit";
import { useMemo } from "react";
import type { Task, TasksApi } from "../api/tasks";
import { describeDue } from "../tasks/due";
import { taskPreview } from "./taskPreview";

const MOST_FOUND = 8;

/**
 * `@` in the composer searches for tasks. A mention shows a preview of its task, and a click on it
 * opens the task in the dashboard.
 *
 * The element's own @ button is off because of a layout bug. With it, ChatKit shifts the field by
 * the button's width inside a clipping box. The browser scrolls this box when the field gets the
 * focus, so the button is cut off and Send is too far left.
 */
export function useTaskMentions(api: TasksApi, onOpen: (id: string) => void): EntitiesOption {
  return useMemo(
    () => ({
      async onTagSearch(query) {
        const { tasks } = await api.list({ q: query.trim() || undefined, limit: MOST_FOUND });
        return tasks.map(toEntity);
      },
      onClick: (entity) => onOpen(taskId(entity)),
      // A deleted task has no preview. The mention still shows its title.
      onRequestPreview: (entity) =>
        api.get(taskId(entity)).then(
          (task) => ({ preview: taskPreview(task, new Date()) }),
          () => ({ preview: null }),
        ),
    }),
    [api, onOpen],
  );
}

const taskId = (entity: Entity) => entity.data?.task_id ?? entity.id;

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
