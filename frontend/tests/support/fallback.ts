import type { ChatKitOptions } from "@openai/chatkit";
import { act } from "@testing-library/react";
import { FallbackChatKit } from "../../src/fallback/element";
import { type Asked, later } from "./backend";

customElements.define("fallback-under-test", FallbackChatKit);

export const thread = (id: string) => ({
  id,
  title: "Groceries",
  created_at: "2026-03-18T12:00:00Z",
  items: { data: [], has_more: false },
});
export const item = (type: string, id: string, members: object) => ({
  id,
  type,
  thread_id: "thr_1",
  created_at: "2026-03-18T12:00:00Z",
  ...members,
});

/** The element on a backend that answers each type of request as the test says. */
export async function opened(
  answers: Record<string, (asked: Asked) => Response | Promise<Response>>,
  initialThread: string | null = null,
  options: Partial<ChatKitOptions> = {},
) {
  const asked: { type: string; params: Record<string, unknown> }[] = [];
  const element = document.createElement("fallback-under-test") as FallbackChatKit;
  const events: string[] = [];
  const names = ["ready", "response.start", "response.end", "thread.change", "thread.load.end"];
  for (const name of [...names, "response.stop", "effect"]) {
    element.addEventListener(`chatkit.${name}`, () => events.push(name));
  }
  element.setOptions({
    initialThread,
    threadItemActions: { feedback: true, retry: true },
    ...options,
    api: {
      url: "/api/chatkit",
      domainKey: "key",
      fetch: (async (_url: string, init: RequestInit) => {
        const request = JSON.parse(String(init.body));
        asked.push(request);
        const answer = answers[request.type];
        if (!answer) throw new TypeError(`nothing answers ${request.type}`);
        return answer(request);
      }) as typeof fetch,
    },
  });
  document.body.append(element);
  const root = () => element.shadowRoot as ShadowRoot;
  const text = () => root().textContent ?? "";
  const settle = () => act(() => later(40));
  await settle();
  return {
    element,
    asked,
    events,
    root,
    text,
    settle,
    field: () => root().querySelector("textarea") as HTMLTextAreaElement,
    button: (label: string) =>
      [...root().querySelectorAll("button")].find(
        (one) => one.getAttribute("aria-label") === label || one.textContent === label,
      ) as HTMLButtonElement,
  };
}
