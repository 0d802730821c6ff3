import { expect, it } from "vitest";
import { taskPreview } from "../src/chat/taskPreview";
import { aTask } from "./support/tasks";

const now = new Date("2026-03-18T12:00:00Z");
const wordsOf = (task: Parameters<typeof taskPreview>[0]) =>
  taskPreview(task, now).children.map((child) => ("value" in child ? child.value : ""));

it("tells of a mentioned task what the list tells", () => {
  const task = aTask({
    title: "Dentist",
    due_at: "2026-03-17T12:00:00Z",
    priority: "high",
    tags: ["health"],
    description: "Bring the card",
  });
  const [title, facts, description] = wordsOf(task);
  expect(title).toBe("Dentist");
  expect(facts).toMatch(/^Overdue Yesterday \d\d:00 · High priority · #health$/);
  expect(description).toBe("Bring the card");
});

it("says no more than there is", () => {
  expect(wordsOf(aTask({ title: "Dentist" }))).toEqual(["Dentist"]);
  expect(wordsOf(aTask({ title: "Dentist", completed_at: "2026-03-17T12:00:00Z" }))).toEqual([
    "Dentist",
    "Done",
  ]);
});
