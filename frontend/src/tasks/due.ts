/** Due times in words, in the browser's time zone. */

const DAY_MS = 86_400_000;

export interface Due {
  /** `Today 17:00`, `Tomorrow`, `Fri 5 Dec 09:00` … */
  words: string;
  overdue: boolean;
  today: boolean;
}

/** A date without a time is stored as 23:59, so for this time only the day is shown. */
export function describeDue(dueAt: string, now: Date): Due {
  const due = new Date(dueAt);
  const days = dayDifference(due, now);
  const overdue = due < now;
  const time = isEndOfDay(due) ? "" : ` ${timeWords(due)}`;
  return { words: `${dayWords(due, days, now)}${time}`, overdue, today: days === 0 };
}

function dayWords(due: Date, days: number, now: Date): string {
  if (days === 0) return "Today";
  if (days === 1) return "Tomorrow";
  if (days === -1) return "Yesterday";
  if (days > 1 && days < 7) return due.toLocaleDateString("en-GB", { weekday: "long" });
  const year = due.getFullYear() === now.getFullYear() ? {} : { year: "numeric" as const };
  const options = { weekday: "short", day: "numeric", month: "short", ...year } as const;
  return due.toLocaleDateString("en-GB", options).replace(",", "");
}

function timeWords(instant: Date): string {
  return instant.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

function isEndOfDay(instant: Date): boolean {
  return instant.getHours() === 23 && instant.getMinutes() === 59;
}

/** Calendar days from `now` to `instant`, correct also for days of 23 or 25 hours. */
function dayDifference(instant: Date, now: Date): number {
  return Math.round((startOfDay(instant).getTime() - startOfDay(now).getTime()) / DAY_MS);
}

export function startOfDay(instant: Date, plusDays = 0): Date {
  return new Date(instant.getFullYear(), instant.getMonth(), instant.getDate() + plusDays);
}

/** Values for `<input type="date">` and `<input type="time">`. A whole day has no time. */
export function toInputs(dueAt: string | null): { date: string; time: string } {
  if (dueAt === null) return { date: "", time: "" };
  const due = new Date(dueAt);
  const two = (value: number) => String(value).padStart(2, "0");
  return {
    date: `${due.getFullYear()}-${two(due.getMonth() + 1)}-${two(due.getDate())}`,
    time: isEndOfDay(due) ? "" : `${two(due.getHours())}:${two(due.getMinutes())}`,
  };
}

/** The time that the two inputs specify, or null without a date. */
export function fromInputs(date: string, time: string): string | null {
  if (!date) return null;
  const due = new Date(`${date}T${time || "23:59"}`);
  return Number.isNaN(due.getTime()) ? null : due.toISOString();
}
