import { expect, inject, it } from "vitest";
import { launchBrowser, newPerson, openApp } from "./support/browser";
import { withDatabase } from "./support/system";

const browser = launchBrowser();
const HIDDEN = 130;
const ITEMS = 2_000;
const THREADS = 300;

/** Puts hidden items, and behind them copies of the answer, into the person's only thread. */
const FILL = `
db.execute("""
with thread as (select id, last_seq from threads where user_id = %(user)s),
answer as (
    select type, payload from thread_items
    where thread_id = (select id from thread) and type = 'assistant_message'
), added as (
    insert into thread_items (thread_id, id, seq, type, payload)
    select thread.id, 'item_' || n, last_seq + n,
        case when n <= ${HIDDEN} then 'sdk_hidden_context' else answer.type end,
        case when n <= ${HIDDEN} then jsonb_build_object('content', 'note ' || n)
            else answer.payload end
    from thread, answer, generate_series(1, ${ITEMS}) as n
)
update threads set last_seq = last_seq + ${ITEMS} where user_id = %(user)s""", {"user": user})
db.execute("""
insert into threads (id, user_id, title, created_at)
select 'thr_' || replace(gen_random_uuid()::text, '-', ''), %(user)s, 'Thread ' || n,
    now() - n * interval '1 hour'
from generate_series(1, ${THREADS - 1}) as n""", {"user": user})`;

it("opens a long thread among many with few requests", async () => {
  const { context, name } = await newPerson(browser());
  const app = await openApp(context);
  await app.ask("hello");
  await withDatabase(inject("ground").databaseUrl, `user = ${JSON.stringify(name)}\n${FILL}`);

  const asked: string[] = [];
  app.page.on("request", (request) => {
    const type = /"type":"([\w.]+)"/.exec(request.postData() ?? "")?.[1];
    if (type) asked.push(type);
  });
  await app.page.reload();
  const startedAt = performance.now();
  await app.answers.nth(1).waitFor();
  await expect.poll(() => asked).toContain("threads.custom_action");
  process.stdout.write(
    `\n${ITEMS} items, ${HIDDEN} of them hidden, in one of ${THREADS} threads: ` +
      `shown after ${(performance.now() - startedAt).toFixed(0)} ms\n`,
  );
  const reads = asked.slice(0, asked.indexOf("threads.custom_action"));
  const ofItems = reads.filter((type) => type !== "threads.list");
  expect(ofItems.length).toBeLessThanOrEqual(1 + ITEMS / 1_000);
  expect(reads.length - ofItems.length).toBeLessThanOrEqual(1);
  await context.close();
});
