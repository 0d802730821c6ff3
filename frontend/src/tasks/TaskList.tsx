import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useRef } from "react";
import type { Task } from "../api/tasks";
import { useNow } from "../ui/useNow";
import { TaskRow } from "./TaskRow";

const ROW_HEIGHT = 62;
const LOAD_AHEAD = 30;

interface Props {
  tasks: Task[];
  hasMore: boolean;
  loadMore: () => void;
  onOpen: (task: Task) => void;
  onComplete: (id: string, completed: boolean) => void;
  onDelete: (task: Task) => void;
  onTag: (tag: string) => void;
}

/** A virtual list: renders only the visible rows, and loads the next page before the end. */
export function TaskList(props: Props) {
  const { tasks, hasMore, loadMore, onComplete, onDelete } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const now = useNow();
  const rows = useVirtualizer({
    count: tasks.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: useCallback((index: number) => tasks[index]?.id ?? index, [tasks]),
    overscan: 8,
  });
  const shown = rows.getVirtualItems();
  const lastShown = shown.at(-1)?.index ?? 0;

  useEffect(() => {
    if (hasMore && lastShown >= tasks.length - LOAD_AHEAD) loadMore();
  }, [hasMore, lastShown, tasks.length, loadMore]);

  /** When a row is removed, moves the focus to the row that takes its place. */
  const keepFocus = useCallback((index: number, control: string) => {
    requestAnimationFrame(() => {
      const list = scroller.current;
      const next = list?.querySelector(`[data-index="${index}"]`);
      const last = list?.querySelector("li:last-child");
      (next ?? last)?.querySelector<HTMLElement>(`[data-control="${control}"]`)?.focus();
    });
  }, []);
  const complete = useCallback(
    (id: string, completed: boolean, index: number) => {
      onComplete(id, completed);
      keepFocus(index, "complete");
    },
    [onComplete, keepFocus],
  );
  const remove = useCallback(
    (task: Task, index: number) => {
      onDelete(task);
      keepFocus(index, "delete");
    },
    [onDelete, keepFocus],
  );

  return (
    <div className="task-scroller" ref={scroller}>
      <ul className="task-list" style={{ height: rows.getTotalSize() }} aria-label="Tasks">
        {shown.map(({ index, key, start }) => {
          const task = tasks[index];
          return (
            task && (
              <li
                key={key}
                ref={rows.measureElement}
                data-index={index}
                aria-setsize={hasMore ? -1 : tasks.length}
                aria-posinset={index + 1}
                style={{ transform: `translateY(${start}px)` }}
              >
                <TaskRow
                  task={task}
                  index={index}
                  now={now}
                  onOpen={props.onOpen}
                  onComplete={complete}
                  onDelete={remove}
                  onTag={props.onTag}
                />
              </li>
            )
          );
        })}
      </ul>
    </div>
  );
}
