import { useId, useState } from "react";
import { ChatIcon } from "../icons";
import type { Workflow, WorkflowTask } from "../protocol";

/**
 * The steps of an answer: visible while tools are running, and afterwards collapsed under a
 * summary. Without a summary the steps stay visible.
 */
export function Steps({ workflow, live }: { workflow: Workflow; live: boolean }) {
  const { tasks, summary, expanded = false } = workflow;
  const [chosen, setChosen] = useState<boolean>();
  const open = chosen ?? expanded;
  const id = useId();
  const working = live && tasks.some((task) => task.status_indicator === "loading");
  if (!summary || working) return <StepList tasks={tasks} live={live} />;
  return (
    <div className="steps-done">
      <button
        type="button"
        className="steps-summary"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setChosen(!open)}
      >
        {summary.icon && <ChatIcon name={summary.icon} size={16} />}
        {summary.title ?? `Worked for ${inWords(summary.duration ?? 0)}`}
        <ChatIcon name="chevron-right" size={14} />
      </button>
      {open && <StepList id={id} tasks={tasks} live={live} />}
    </div>
  );
}

function inWords(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** The steps. A step that was cut off is shown as stopped: neither running nor done. */
export function StepList(props: { id?: string; tasks: WorkflowTask[]; live: boolean }) {
  const { id, tasks, live } = props;
  return (
    <ul className="steps" id={id} aria-label="Steps">
      {tasks.map((task, index) => {
        const loading = task.status_indicator === "loading";
        const state = loading ? (live ? "loading" : "cut-off") : "complete";
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: the protocol identifies a step by its index
          <li key={index} className="step" data-state={state}>
            {state === "loading" ? (
              <span className="spinner" />
            ) : (
              <ChatIcon name={state === "cut-off" ? "dot" : stepIcon(task)} size={16} />
            )}
            <span>
              {task.title}
              {task.content && ` · ${task.content}`}
            </span>
            <span className="visually-hidden">
              {state === "loading" ? "at work" : state === "complete" ? "done" : "stopped"}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

/** A warning icon for a failed step, and a tick for any other. */
function stepIcon(task: WorkflowTask): string {
  return /circle-alert|info/.test(task.icon ?? "") ? "circle-alert" : "check";
}
