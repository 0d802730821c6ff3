import type { ThreadItem } from "../protocol";

export interface Turn {
  /** The id of the turn's last item. The actions are below this item. */
  end: string;
  /** The assistant's text in the turn, as Markdown. */
  answer: string;
  last: boolean;
}

/** The assistant's turns, by the id of their last item. */
export function readTurns(items: readonly ThreadItem[]): Map<string, Turn> {
  const turns = new Map<string, Turn>();
  let words: string[] = [];
  items.forEach((item, index) => {
    if (item.type === "user_message") {
      words = [];
      return;
    }
    if (item.type === "assistant_message") words.push(...item.content.map(({ text }) => text));
    const next = items[index + 1];
    if (next && next.type !== "user_message") return;
    turns.set(item.id, { end: item.id, answer: words.join("\n\n"), last: !next });
  });
  return turns;
}
