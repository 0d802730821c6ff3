/** An item of a thread, with the fields that this module uses. */
export interface Item {
  id: string;
  type: string;
  status?: string;
}

/** An event of a stream, with the fields that change a thread's items. */
export interface ItemEvent {
  type: string;
  item?: Item;
  item_id?: string;
}

/** The content shown is unknown: it came in pieces, or the element may have missed its end. */
const IN_PIECES = "";

/**
 * The items of one thread that the element shows, derived from its requests and the events that it
 * receives. The element has no method for this, and it may read a thread from its own cache.
 */
export class ShownItems {
  #items = new Map<string, string>();

  /** The element has loaded the thread, and now shows exactly these items. */
  replace(items: readonly Item[]): void {
    this.#items = new Map(items.map((item) => [item.id, JSON.stringify(item)]));
  }

  apply(event: ItemEvent): void {
    const { item, item_id } = event;
    switch (event.type) {
      case "thread.item.done":
        if (item) this.#items.set(item.id, JSON.stringify(item));
        break;
      case "thread.item.added":
        if (item) this.#items.set(item.id, IN_PIECES);
        break;
      case "thread.item.replaced":
        // The element ignores the event if it does not have the item.
        if (item && this.#items.has(item.id)) this.#items.set(item.id, JSON.stringify(item));
        break;
      case "thread.item.updated":
        if (item_id && this.#items.has(item_id)) this.#items.set(item_id, IN_PIECES);
        break;
      case "thread.item.removed":
        if (item_id) this.#items.delete(item_id);
        break;
    }
  }

  /** On a retry, the element removes everything after the item. */
  cutAfter(itemId: string): void {
    const ids = [...this.#items.keys()];
    const last = ids.indexOf(itemId);
    if (last !== -1) for (const id of ids.slice(last + 1)) this.#items.delete(id);
  }

  /** The element may have skipped events, as it does between Stop and the end of the stream. */
  doubt(): void {
    for (const id of this.#items.keys()) this.#items.set(id, IN_PIECES);
  }

  has(id: string): boolean {
    return this.#items.has(id);
  }

  /** Whether the last item is an unanswered question. */
  get asks(): boolean {
    const last = this.get([...this.#items.keys()].at(-1) ?? "");
    return last?.type === "structured_input" && last.status === "pending";
  }

  /** The item as last received from the server, if known. */
  get(id: string): Item | undefined {
    const known = this.#items.get(id);
    return known ? (JSON.parse(known) as Item) : undefined;
  }

  /**
   * The events that turn the shown items into `newest`. `newest` has the thread's last items,
   * oldest first, back to one that is shown or to the thread's beginning. Events can only add items
   * at the end, so an item in the wrong position is removed and added again.
   */
  changesTo(newest: readonly Item[]): ItemEvent[] {
    const ids = [...this.#items.keys()];
    const first = newest.findIndex(({ id }) => this.#items.has(id));
    const shown = ids.slice(Math.max(0, ids.indexOf(newest[first]?.id ?? "")));
    let same = 0;
    while (same < shown.length && shown[same] === newest[same]?.id) same++;
    const changes: ItemEvent[] = shown.slice(same).map((id) => ({
      type: "thread.item.removed",
      item_id: id,
    }));
    for (const item of newest.slice(0, same)) changes.push(...this.#changesOf(item));
    for (const item of newest.slice(same)) changes.push(...anew(item));
    return changes;
  }

  #changesOf(item: Item): ItemEvent[] {
    const known = this.#items.get(item.id);
    if (known === IN_PIECES) return anew(item);
    return known === JSON.stringify(item) ? [] : [{ type: "thread.item.replaced", item }];
  }
}

/**
 * `added` clears the error of a stream that broke off in the element. `done` completes the item.
 */
function anew(item: Item): ItemEvent[] {
  const done = { type: "thread.item.done", item };
  return item.type === "user_message" ? [done] : [{ type: "thread.item.added", item }, done];
}

/** The shown items of each thread that was opened since the page was loaded. */
export class ShownThreads {
  readonly #shown = new Map<string, ShownItems>();
  readonly #reads = new Map<string, Item[]>();

  of(threadId: string): ShownItems {
    const known = this.#shown.get(threadId) ?? new ShownItems();
    this.#shown.set(threadId, known);
    return known;
  }

  /** The element has requested a thread from its beginning. */
  reading(threadId: string): void {
    this.#reads.set(threadId, []);
  }

  /** The element has received these items, which follow those it has received before. */
  given(threadId: string, items: readonly Item[]): void {
    this.#reads.get(threadId)?.push(...items);
  }

  /**
   * The element has loaded a thread, and only now shows the received items. It also requests
   * threads that it does not show, for example when the pointer rests on one in the history.
   */
  loaded(threadId: string): void {
    const read = this.#reads.get(threadId);
    if (read) this.of(threadId).replace(read);
  }
}
