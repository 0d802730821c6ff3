import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook, waitFor } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { createSend } from "../src/api/send";
import { createTasksApi, type Task } from "../src/api/tasks";
import { NO_FILTERS } from "../src/tasks/filters";
import { useTaskChanges } from "../src/tasks/useTaskChanges";
import { useTasks } from "../src/tasks/useTasks";
import type { Notice } from "../src/ui/toasts";
import { type Asked, fakeFetch, json, problem } from "./support/backend";
import { aTask } from "./support/tasks";

/** A backend with tasks, which answers changes as it is told. */
function board(tasks: Task[], change: (asked: Asked) => Response | Promise<Response>) {
  const backend = fakeFetch((asked) =>
    asked.method === "GET" ? json({ tasks, next_cursor: null }) : change(asked),
  );
  const api = createTasksApi(createSend({ fetch: backend.fetch }));
  const notices: Notice[] = [];
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const { result } = renderHook(
    () => ({
      list: useTasks(api, NO_FILTERS),
      changes: useTaskChanges(
        api,
        (notice) => notices.push(notice),
        () => {},
      ),
    }),
    {
      wrapper: ({ children }) => (
        <QueryClientProvider client={client}>{children}</QueryClientProvider>
      ),
    },
  );
  return {
    ...backend,
    notices,
    changes: () => result.current.changes,
    titles: () => result.current.list.tasks.map((task) => task.title),
    ready: () => waitFor(() => expect(result.current.list.isSuccess).toBe(true)),
  };
}

const never = () => new Promise<Response>(() => {});

describe("a change in the list", () => {
  it("shows at once", async () => {
    const it = board([aTask({ title: "milk" })], never);
    await it.ready();
    act(() => void it.changes().create("bread"));
    await waitFor(() => expect(it.titles()).toEqual(["bread", "milk"]));
  });

  it("that completes a task takes it out of the open ones, with a way back", async () => {
    const milk = aTask({ title: "milk" });
    const it = board([milk], () => json(milk, { headers: { "X-Change-Id": "chg_1" } }));
    await it.ready();
    act(() => it.changes().setCompleted(milk.id, true));
    await waitFor(() => expect(it.notices).toHaveLength(1));
    expect(it.notices[0]).toMatchObject({ text: "Completed “milk”", action: { label: "Undo" } });
    act(() => it.notices[0]?.action?.run());
    await waitFor(() => expect(it.asked.at(-1)?.method).toBe("GET"));
    expect(it.asked.map(({ url }) => url)).toContain("/api/changes/chg_1/undo");
  });

  it("is taken back when the server refuses it", async () => {
    const milk = aTask({ title: "milk" });
    let refuse!: (response: Response) => void;
    const it = board([milk], () => new Promise((resolve) => (refuse = resolve)));
    await it.ready();
    act(() => it.changes().remove(milk));
    await waitFor(() => expect(it.titles()).toEqual([]));
    await waitFor(() => expect(refuse).toBeDefined());
    await act(async () => refuse(problem(503, "database-unavailable")));
    await waitFor(() => expect(it.titles()).toEqual(["milk"]));
    expect(it.notices[0]).toMatchObject({ tone: "danger" });
  });

  it("without a connection says that it was not saved", async () => {
    const milk = aTask({ title: "milk" });
    const it = board([milk], () => Promise.reject(new TypeError("failed")));
    await it.ready();
    await act(async () => {
      await it
        .changes()
        .create("bread")
        .catch(() => {});
    });
    await waitFor(() => expect(it.titles()).toEqual(["milk"]));
    expect(it.notices[0]?.text).toContain("not saved");
  });

  it("that can no longer be undone says why", async () => {
    const milk = aTask({ title: "milk" });
    const it = board([milk], ({ url }) =>
      url.includes("/undo")
        ? problem(409, "conflict")
        : new Response(null, { status: 204, headers: { "X-Change-Id": "chg_1" } }),
    );
    await it.ready();
    act(() => it.changes().remove(milk));
    await waitFor(() => expect(it.notices).toHaveLength(1));
    act(() => it.notices[0]?.action?.run());
    await waitFor(() => expect(it.notices[1]?.text).toContain("changed in the meantime"));
  });
});

it("mentions find tasks by their words", async () => {
  const { useTaskMentions } = await import("../src/chat/useTaskMentions");
  const milk = aTask({ title: "milk", due_at: "2026-05-01T10:00:00Z" });
  const backend = fakeFetch(json({ tasks: [milk], next_cursor: null }));
  const onOpen = vi.fn();
  const api = createTasksApi(createSend({ fetch: backend.fetch }));
  const { result } = renderHook(() => useTaskMentions(api, onOpen));
  const [entity] = (await result.current.onTagSearch?.(" mil ")) ?? [];
  expect(backend.asked[0]?.url).toBe("/api/tasks?q=mil&limit=8");
  expect(entity).toMatchObject({ id: milk.id, title: "milk", group: "Open" });
  if (entity) result.current.onClick?.(entity);
  expect(onOpen).toHaveBeenCalledWith(milk.id);
});
