/** An item of a thread, as far as this module looks into it. */
export interface Item {
  id: string;
  type: string;
  status?: string;
}

/** An event of a stream, as far as it changes what a thread shows. */
export interface ItemEvent {
  type: string;
  item?: Item;
  item_id?: string;
}

/** Shown, but not known how: it came in pieces, or the element may have missed its end. */
const IN_PIECES = "";

/**
 * What the chat's element shows of one thread, told from the requests and events that pass by. The
 * element itself cannot be asked, and what it reads again it may answer from a cache of its own.
 */
export class ShownItems {
  #items = new Map<string, string>();

  /** The element has read the thread: it shows these items and no others. */
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
        // The element leaves out what it does not know.
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

  /** A retry: the element takes away what came after the item. */
  cutAfter(itemId: string): void {
    const ids = [...this.#items.keys()];
    const last = ids.indexOf(itemId);
    if (last !== -1) for (const id of ids.slice(last + 1)) this.#items.delete(id);
  }

  /** The element may have left out events, as it does between Stop and the end of the stream. */
  doubt(): void {
    for (const id of this.#items.keys()) this.#items.set(id, IN_PIECES);
  }

  has(id: string): boolean {
    return this.#items.has(id);
  }

  /** The last item is a question that waits for its answer. */
  get asks(): boolean {
    const last = this.get([...this.#items.keys()].at(-1) ?? "");
    return last?.type === "structured_input" && last.status === "pending";
  }

  /** The item as the server gave it last, if that is known. */
  get(id: string): Item | undefined {
    const known = this.#items.get(id);
    return known ? (JSON.parse(known) as Item) : undefined;
  }

  /**
   * The events that turn what is shown into `newest`: the thread's last items, oldest first, back
   * to one that is shown or to the thread's beginning. Items are only ever added at the end, so
   * what stands where others belong is taken away and added again behind them.
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

/** `added` makes the element forget the error of a stream that broke off; `done` settles the item. */
function anew(item: Item): ItemEvent[] {
  const done = { type: "thread.item.done", item };
  return item.type === "user_message" ? [done] : [{ type: "thread.item.added", item }, done];
}

/** What is shown of each thread that was opened since the page was loaded. */
export class ShownThreads {
  readonly #shown = new Map<string, ShownItems>();
  readonly #reads = new Map<string, Item[]>();

  of(threadId: string): ShownItems {
    const known = this.#shown.get(threadId) ?? new ShownItems();
    this.#shown.set(threadId, known);
    return known;
  }

  /** The element asks for a thread, from its beginning. */
  reading(threadId: string): void {
    this.#reads.set(threadId, []);
  }

  /** The element has been given these items, behind those that it was given before. */
  given(threadId: string, items: readonly Item[]): void {
    this.#reads.get(threadId)?.push(...items);
  }

  /**
   * The element has loaded a thread. Only now does it show what it was given: it also reads threads
   * that it does not show, such as those that the pointer rests on in the history.
   */
  loaded(threadId: string): void {
    const read = this.#reads.get(threadId);
    if (read) this.of(threadId).replace(read);
  }
}
