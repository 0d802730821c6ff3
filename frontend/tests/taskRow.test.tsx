import { render, screen } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { TaskRow } from "../src/tasks/TaskRow";
import { aTask } from "./support/tasks";

function show(id: string) {
  render(
    <TaskRow
      task={aTask({ id })}
      index={0}
      now={new Date()}
      onOpen={vi.fn()}
      onComplete={vi.fn()}
      onDelete={vi.fn()}
      onTag={vi.fn()}
    />,
  );
}

describe("a row", () => {
  it("offers nothing that needs the task's id while the server has not given it one", () => {
    show("new_1");
    for (const control of [...screen.getAllByRole("button"), screen.getByRole("checkbox")]) {
      expect(control).toHaveProperty("disabled", true);
    }
  });

  it("offers everything once the task is there", () => {
    show("tsk_1");
    for (const control of [...screen.getAllByRole("button"), screen.getByRole("checkbox")]) {
      expect(control).toHaveProperty("disabled", false);
    }
  });
});
