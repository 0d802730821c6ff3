import type { Attachment, Entity, UserMessageContent } from "@openai/chatkit";

export interface ComposerValue {
  text?: string;
  content?: UserMessageContent[];
  /** The quoted text of an answer. */
  reply?: string;
  attachments?: Attachment[];
}

export interface SendOptions {
  /** The quoted text of an answer. */
  quote?: string;
  /** Ids of the message's attachments. */
  attachments?: string[];
  /** Called when the server has accepted the message. Until then the composer keeps it. */
  onTaken?: () => void;
}

type Tag = Extract<UserMessageContent, { type: "input_tag" }>;

/**
 * The text being typed. In the text, a mention is an `@` and a title. The entity is kept
 * separately, and replaces the mention when the message is sent.
 */
export class ComposerModel {
  #value = "";
  #quote = "";
  #tags = new Map<string, Tag>();
  #field: HTMLTextAreaElement | null = null;

  constructor(readonly changed: () => void) {}

  get value(): string {
    return this.#value;
  }

  set value(text: string) {
    this.#value = text;
    this.changed();
  }

  get quote(): string {
    return this.#quote;
  }

  set quote(text: string) {
    this.#quote = text;
    this.changed();
  }

  attach = (field: HTMLTextAreaElement | null): void => {
    this.#field = field;
  };

  focus(): void {
    this.#field?.focus();
  }

  clear(): void {
    this.#tags.clear();
    this.#quote = "";
    this.value = "";
  }

  set({ text, content, reply }: ComposerValue): void {
    if (reply !== undefined) this.#quote = reply;
    for (const part of content ?? []) if (part.type === "input_tag") this.#keep(part);
    this.value = text ?? (content ?? []).map(partText).join("");
  }

  /** Replaces the `@query` before the caret by a mention. Returns the caret's new position. */
  mention(entity: Entity, from: number, to: number): number {
    this.#keep({
      type: "input_tag",
      id: entity.id,
      text: entity.title,
      data: entity.data ?? {},
      interactive: entity.interactive ?? false,
      ...(entity.group ? { group: entity.group } : {}),
    });
    const inserted = `@${entity.title} `;
    this.value = this.#value.slice(0, from) + inserted + this.#value.slice(to);
    return from + inserted.length;
  }

  /** The message in the protocol's format. Empty if the text is blank. */
  content(): UserMessageContent[] {
    const text = this.#value.trim();
    if (!text) return [];
    const parts: UserMessageContent[] = [];
    let rest = text;
    while (rest) {
      const next = this.#firstTag(rest);
      const plain = next ? rest.slice(0, next.at) : rest;
      if (plain) parts.push({ type: "input_text", text: plain });
      if (!next) break;
      parts.push(next.tag);
      rest = rest.slice(next.at + next.tag.text.length + 1);
    }
    return parts;
  }

  #firstTag(text: string): { at: number; tag: Tag } | undefined {
    let first: { at: number; tag: Tag } | undefined;
    // Longer titles first: one title may be the beginning of another.
    for (const tag of [...this.#tags.values()].sort((a, b) => b.text.length - a.text.length)) {
      const at = text.indexOf(`@${tag.text}`);
      if (at !== -1 && (!first || at < first.at)) first = { at, tag };
    }
    return first;
  }

  #keep(tag: Tag): void {
    this.#tags.set(tag.id, tag);
  }
}

export function partText(part: UserMessageContent): string {
  return part.type === "input_tag" ? `@${part.text}` : part.text;
}
