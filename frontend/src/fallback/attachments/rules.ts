import type { ChatKitOptions } from "@openai/chatkit";

const DEFAULT_COUNT = 10;
const DEFAULT_BYTES = 100 * 1024 * 1024;
const UNITS = ["bytes", "KB", "MB", "GB"];

/** Which files may be attached, from the composer's options. */
export interface Rules {
  maxCount: number;
  maxBytes: number;
  /** The accepted types with their file name extensions. Empty if all types are accepted. */
  types: Record<string, readonly string[]>;
}

/** The rules in the options. Undefined if attachments are off. */
export function readRules({ composer }: ChatKitOptions): Rules | undefined {
  const option = composer?.attachments;
  if (!option?.enabled) return undefined;
  return {
    maxCount: option.maxCount ?? DEFAULT_COUNT,
    maxBytes: typeof option.maxSize === "number" ? option.maxSize : DEFAULT_BYTES,
    types: option.accept ?? {},
  };
}

/** The type of a file: the browser's if it is accepted, or else the one of its extension. */
export function typeOf(file: File, { types }: Rules): string | undefined {
  if (Object.keys(types).length === 0 || file.type in types) return file.type;
  const name = file.name.toLowerCase();
  return file.type
    ? undefined
    : Object.keys(types).find((type) => types[type]?.some((ending) => name.endsWith(ending)));
}

/** The `accept` attribute for a file dialog. */
export function acceptOf({ types }: Rules): string {
  return Object.entries(types).flat(2).join(",");
}

/** A message why a file cannot be attached, or undefined if it can. */
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
