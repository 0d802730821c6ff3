import type { EntitiesOption, Entity } from "@openai/chatkit";
import { useMemo } from "react";
import type { Task, TasksApi } from "../api/tasks";
import { describeDue } from "../tasks/due";
import { taskPreview } from "./taskPreview";

const MOST_FOUND = 8;

/**
 * `@` in the composer finds tasks by their words. A mention shows a preview of its task; one that
 * is clicked opens it in the dashboard.
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
      onClick: (entity) => onOpen(taskId(entity)),
      // A task that is gone has no preview; the mention says what it was called.
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
