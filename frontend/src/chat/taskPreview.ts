import type { Widgets } from "@openai/chatkit";
import type { Task } from "../api/tasks";
import { describeDue } from "../tasks/due";

const PRIORITY_FACTS = { low: ["Low priority"], medium: [], high: ["High priority"] };

/** A task as a small widget, which the chat shows next to a mention of the task. */
export function taskPreview(task: Task, now: Date): Widgets.BasicRoot {
  const facts = factsOf(task, now);
  return {
    type: "Basic",
    gap: 1,
    children: [
      { type: "Text", value: task.title, weight: "semibold", maxLines: 2 },
      ...(facts.length ? [{ type: "Caption" as const, value: facts.join(" · ") }] : []),
      ...(task.description
        ? [{ type: "Text" as const, size: "sm" as const, value: task.description, maxLines: 3 }]
        : []),
    ],
  };
}

function factsOf(task: Task, now: Date): string[] {
  const due = task.due_at === null ? undefined : describeDue(task.due_at, now);
  const overdue = due?.overdue === true && task.completed_at === null;
  return [
    ...(task.completed_at ? ["Done"] : []),
    ...(due ? [`${overdue ? "Overdue" : "Due"} ${due.words}`] : []),
    ...PRIORITY_FACTS[task.priority],
    ...task.tags.map((tag) => `#${tag}`),
  ];
}
