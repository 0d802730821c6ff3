import { useEffect, useId, useMemo, useRef, useState } from "react";
import type { Task, TasksApi } from "../api/tasks";
import { useNotify } from "../ui/toasts";
import { useDebounced } from "../ui/useDebounced";
import { BoardMessage } from "./BoardMessage";
import { isNarrowed, NO_FILTERS, type TaskFilters } from "./filters";
import { NewTask } from "./NewTask";
import { TaskEditor } from "./TaskEditor";
import { TaskFilterBar } from "./TaskFilterBar";
import { TaskList } from "./TaskList";
import { useTaskChanges } from "./useTaskChanges";
import { useTasks } from "./useTasks";

const SEARCH_DELAY_MS = 200;

interface Props {
  api: TasksApi;
  /** Called after each change by the person, to tell the other tabs. */
  onChanged: () => void;
  /** The task that is open in the editor, for example after a click in the chat. */
  opened: Task | undefined;
  onOpen: (task: Task | undefined) => void;
}

/** The dashboard: add, find, edit, complete and delete tasks. */
export function TaskBoard({ api, onChanged, opened, onOpen }: Props) {
  const [filters, setFilters] = useState<TaskFilters>(NO_FILTERS);
  const search = useDebounced(filters.search.trim(), SEARCH_DELAY_MS);
  const applied = useMemo(() => ({ ...filters, search }), [filters, search]);
  const list = useTasks(api, applied);
  const changes = useTaskChanges(api, useNotify(), onChanged);
  const tags = useKnownTags(list.tasks, filters.tag);
  const heading = useId();
  const isLost = list.isError && !list.data;

  return (
    <section className="board" aria-labelledby={heading}>
      <header className="board-head">
        <h1 id={heading}>Tasks</h1>
        {!isLost && (
          <Count tasks={list.tasks.length} more={list.hasNextPage} loading={list.isPending} />
        )}
      </header>
      <NewTask onAdd={changes.create} />
      <TaskFilterBar filters={filters} tags={tags} onChange={setFilters} />
      {list.isPending ? (
        <BoardMessage kind="loading" />
      ) : isLost ? (
        <BoardMessage kind="error" onRetry={() => void list.refetch()} />
      ) : list.tasks.length === 0 ? (
        <BoardMessage
          kind={isNarrowed(applied) ? "nothing-found" : `empty-${filters.status}`}
          onClear={() => setFilters({ ...NO_FILTERS, status: filters.status })}
        />
      ) : (
        <TaskList
          tasks={list.tasks}
          hasMore={list.hasNextPage}
          loadMore={() => !list.isFetchingNextPage && void list.fetchNextPage()}
          onOpen={onOpen}
          onComplete={changes.setCompleted}
          onDelete={changes.remove}
          onTag={(tag) => setFilters((now) => ({ ...now, tag }))}
        />
      )}
      {opened && (
        <TaskEditor
          key={opened.id}
          task={opened}
          onSave={(fields) => changes.update(opened, fields)}
          onDelete={() => changes.remove(opened)}
          onClose={() => onOpen(undefined)}
        />
      )}
    </section>
  );
}

function Count(props: { tasks: number; more: boolean; loading: boolean }) {
  const words = props.loading
    ? "Loading"
    : `${props.tasks}${props.more ? "+" : ""} ${props.tasks === 1 ? "task" : "tasks"}`;
  return (
    <p className="board-count" role="status">
      {words}
    </p>
  );
}

/** All tags seen since the page was opened, so that filtering by one does not hide the others. */
function useKnownTags(tasks: Task[], current: string): string[] {
  const seen = useRef(new Set<string>());
  const [known, setKnown] = useState<string[]>([]);
  useEffect(() => {
    const before = seen.current.size;
    for (const tag of tasks.flatMap((task) => task.tags)) seen.current.add(tag);
    if (seen.current.size !== before) setKnown([...seen.current].sort());
  }, [tasks]);
  return current && !known.includes(current) ? [...known, current] : known;
}
