const two = (part: number) => String(Math.abs(part)).padStart(2, "0");

/** The day of an instant in the browser's zone, as `<input type="date">` has it; "" for none. */
export function dayOf(iso: string): string {
  const date = new Date(iso.length === 10 ? `${iso}T00:00` : iso);
  if (Number.isNaN(date.getTime())) return "";
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The beginning of a day in the browser's zone, with its offset, as ChatKit's picker sends it. */
export function startOfDay(day: string): string {
  if (!day) return "";
  const offset = -new Date(`${day}T00:00`).getTimezoneOffset();
  const hours = `${two(Math.trunc(offset / 60))}:${two(offset % 60)}`;
  return `${day}T00:00:00.000${offset < 0 ? "-" : "+"}${hours}`;
}
