import type { ChatKitOptions } from "@openai/chatkit";

const DEFAULT_COUNT = 10;
const DEFAULT_BYTES = 100 * 1024 * 1024;
const UNITS = ["bytes", "KB", "MB", "GB"];

/** What may be attached, as the composer's options say it. */
export interface Rules {
  maxCount: number;
  maxBytes: number;
  /** Types with the endings of their files' names; none for any. */
  types: Record<string, readonly string[]>;
}

/** Nothing where there is no attaching. */
export function readRules({ composer }: ChatKitOptions): Rules | undefined {
  const option = composer?.attachments;
  if (!option?.enabled) return undefined;
  return {
    maxCount: option.maxCount ?? DEFAULT_COUNT,
    maxBytes: typeof option.maxSize === "number" ? option.maxSize : DEFAULT_BYTES,
    types: option.accept ?? {},
  };
}

/** The type that a file is sent as: what the browser says, else what its name says. */
export function typeOf(file: File, { types }: Rules): string | undefined {
  if (Object.keys(types).length === 0 || file.type in types) return file.type;
  const name = file.name.toLowerCase();
  return file.type
    ? undefined
    : Object.keys(types).find((type) => types[type]?.some((ending) => name.endsWith(ending)));
}

/** What a file dialog offers. */
export function acceptOf({ types }: Rules): string {
  return Object.entries(types).flat(2).join(",");
}

/** Why a file cannot be attached, in words; nothing if it can. */
export function fault(file: File, rules: Rules): string | undefined {
  const name = `“${file.name}”`;
  if (typeOf(file, rules) === undefined) {
    const endings = Object.values(rules.types).flat().join(", ");
    return `${name} is of a type that cannot be attached. These can: ${endings}.`;
  }
  if (file.size === 0) return `${name} is empty.`;
  if (file.size > rules.maxBytes) {
    return `${name} is too large: a file can have ${sizeWords(rules.maxBytes)} at most.`;
  }
  return undefined;
}

export function tooManyWords({ maxCount }: Rules): string {
  return `A message can bring ${maxCount === 1 ? "one file" : `${maxCount} files`} at most.`;
}

/** `812 bytes`, `1.4 MB`, `10 MB`. */
export function sizeWords(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log(bytes) / Math.log(1024)), 3);
  const value = bytes / 1024 ** power;
  return `${value < 10 && power > 0 ? Number(value.toFixed(1)) : Math.round(value)} ${UNITS[power]}`;
}
