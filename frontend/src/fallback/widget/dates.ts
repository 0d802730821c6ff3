const two = (part: number) => String(Math.abs(part)).padStart(2, "0");

/** A time from our server or a picker. Without an offset, it is in the browser's time zone. */
function read(iso: string): Date | undefined {
  const date = new Date(iso.length === "2026-12-31".length ? `${iso}T00:00` : iso);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** The day of a time in the browser's time zone, for `<input type="date">`. "" for none. */
export function dayOf(iso: string): string {
  const date = read(iso);
  if (!date) return "";
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/**
 * A time, or the start of a day, with the offset of the browser's time zone, in the format that
 * ChatKit's picker sends: `2026-12-31T00:00:00.000+01:00`. "" if there is none.
 */
export function withOffset(iso: string): string {
  const date = read(iso);
  if (!date) return "";
  const offset = -date.getTimezoneOffset();
  const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1);
  return `${local}${offset < 0 ? "-" : "+"}${two(Math.trunc(offset / 60))}:${two(offset % 60)}`;
}
