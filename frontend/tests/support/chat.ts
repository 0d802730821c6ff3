import { createChatFetch } from "../../src/chat/chatFetch";
import type { ChatFetchOptions } from "../../src/chat/chatStream";
import { type Answer, fakeFetch, openStream } from "./backend";

export const URL = "/api/chatkit";

/** A `fetch` for the chat, on a backend that answers in turn. */
export function chat(answers: Answer[], options: ChatFetchOptions = {}) {
  const backend = fakeFetch(...answers);
  const chatFetch = createChatFetch({
    fetch: backend.fetch,
    retryDelaysMs: [0, 0],
    ...options,
  });
  const post = (body: string, signal?: AbortSignal) =>
    chatFetch(URL, { method: "POST", body, ...(signal ? { signal } : {}) });
  return { ...backend, chatFetch, post };
}

/** A stream of these events that ends. */
export function streamOf(...events: object[]): Response {
  const stream = openStream();
  for (const event of events) stream.send(event);
  stream.end();
  return stream.response;
}
