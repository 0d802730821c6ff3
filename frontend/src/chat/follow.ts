import type { Send } from "../api/send";
import type { OwnStreams } from "./ownStreams";
import type { Item, ItemEvent, ShownItems } from "./shownItems";
import { frame } from "./sse";
import { watchStream } from "./watchStream";

export interface FollowOptions {
  send: Send;
  url: string;
  init: RequestInit;
  threadId: string;
  shown: ShownItems;
  own: OwnStreams;
  stallMs: number;
  onThreadMissing: () => void;
  onBroken: () => void;
  /** The stream has ended. `whole`: an answer was followed to its end. */
  onEnd: (whole: boolean) => void;
}

const PAGE_SIZE = 100;

/**
 * Responds to the page's own action `run.follow`: first with the events that bring the element up
 * to date, then with the events of the running answer, if there is one.
 *
 * It requests the run before it reads the items: if there is no run, the items are final. Failures
 * are not shown, because the page sent the request and not the person. They are only reported to
 * the connection monitor.
 */
export async function follow(options: FollowOptions): Promise<Response> {
  const { send, url, init, shown, own, threadId } = options;
  const { signal: _, body, ...rest } = init;
  const run = await send(url, { ...rest, body: String(body) }).catch(() => undefined);
  if (run?.status === 404) options.onThreadMissing();
  const missed = run?.ok || run?.status === 429 ? await readMissed(options) : [];
  return streamOf(events());

  async function* events(): AsyncGenerator<Uint8Array> {
    if (!own.has(threadId)) {
      for (const event of missed) shown.apply(event);
      yield encode(missed.map(frame).join(""));
    }
    let whole = false;
    let broken = false;
    if (run?.ok && run.body) {
      const watch = watchStream(run.body, {
        stallMs: options.stallMs,
        onData: (data) => {
          whole = true;
          if (!own.has(threadId)) shown.apply(JSON.parse(data) as ItemEvent);
        },
        onEnd: () => {},
        onBroken: () => {
          broken = true;
          options.onBroken();
          return "";
        },
        onCancelled: () => watch.close(),
      });
      const reader = watch.body.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        if (!own.has(threadId)) yield value;
      }
    }
    await own.ended(threadId);
    options.onEnd(whole && !broken);
  }
}

/** The events that bring the element up to date. None if the items cannot be read. */
async function readMissed({ send, url, threadId, shown }: FollowOptions): Promise<ItemEvent[]> {
  const newest: Item[] = [];
  let after: string | undefined;
  do {
    const params = { thread_id: threadId, limit: PAGE_SIZE, order: "desc", after };
    const body = JSON.stringify({ type: "items.list", params });
    const response = await send(url, { method: "POST", body }).catch(() => undefined);
    if (!response?.ok) return [];
    const page = (await response.json()) as { data: Item[]; has_more: boolean };
    newest.unshift(...page.data.toReversed());
    after = page.has_more ? page.data.at(-1)?.id : undefined;
  } while (after && !newest.some(({ id }) => shown.has(id)));
  return shown.changesTo(newest);
}

const encode = (text: string) => new TextEncoder().encode(text);

/** A `text/event-stream` of these bytes. */
function streamOf(bytes: AsyncGenerator<Uint8Array>): Response {
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await bytes.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => void bytes.return(undefined),
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
}
