/** A problem from the backend (RFC 9457), with the members that our endpoints add. */
export class ProblemError extends Error {
  override name = "ProblemError";

  constructor(
    readonly status: number,
    /** The last segment of the problem's `type`, such as `still-answering`. */
    readonly code: string,
    readonly detail: string,
    readonly fields: Readonly<Record<string, string>> = {},
    readonly resetsAt: Date | undefined = undefined,
    /** Seconds, from `Retry-After`. */
    readonly retryAfter: number | undefined = undefined,
    /** Ids of the attachments that the server refused and no longer has. */
    readonly attachments: readonly string[] = [],
  ) {
    super(detail);
  }
}

/** Reads a failed response. One that is not a problem document also becomes a `ProblemError`. */
export async function readProblem(response: Response): Promise<ProblemError> {
  const body = asRecord(await response.json().catch(() => undefined));
  const text = (name: string) => (typeof body[name] === "string" ? body[name] : undefined);
  const retryAfter = Number(response.headers.get("retry-after") ?? Number.NaN);
  return new ProblemError(
    response.status,
    text("type")?.split(/[/:#]/).at(-1) ?? "unknown",
    text("detail") ?? text("title") ?? "",
    readFields(body.fields),
    readInstant(text("resets_at")),
    Number.isFinite(retryAfter) ? retryAfter : undefined,
    Array.isArray(body.attachment_ids) ? body.attachment_ids.map(String) : [],
  );
}

/** A message to the person: what happened, that nothing is lost, and when to try again. */
export function problemWords(problem: ProblemError, now: Date): string {
  switch (problem.status) {
    case 401:
      return "Your session has ended. Sign in again to continue.";
    case 403:
      return "This is not allowed from here.";
    case 404:
      return "This no longer exists.";
    case 409:
      return problem.code === "still-answering"
        ? "The last message is still being answered. Send yours when it is done."
        : problem.detail || "It was changed in the meantime.";
    case 413:
      return "This message is too long. Shorten it and send it again.";
    case 422:
      return problem.detail || "Some values are not valid.";
    case 429:
      return limitWords(problem, now);
    case 503:
      return "The service is not available for a moment. Try again shortly.";
    default:
      return problem.status >= 500
        ? "Something went wrong on our side. Try again."
        : problem.detail || "The request could not be processed.";
  }
}

/** A message about any failed request, for a person who is waiting for its result. */
export function requestWords(error: unknown): string {
  if (error instanceof ProblemError) return problemWords(error, new Date());
  // What `fetch` rejects with.
  if (error instanceof TypeError) return "The server cannot be reached.";
  return error instanceof Error ? error.message : "Something went wrong.";
}

/** For each limit: the message when it is reached, and what is possible again afterwards. */
const LIMITS: Readonly<Record<string, [reached: string, again: string]>> = {
  "message-limit": ["You have reached the message limit.", "You can write again"],
  "out-of-tokens": ["The assistant's budget for today is used up.", "You can write again"],
  "too-many-at-once": ["Too many of your answers are being written.", "You can write again"],
  "too-many-changes": ["You have made many changes in a short time.", "You can make more"],
  "too-many-erasures": [
    "Your account has been deleted several times today.",
    "You can do it again",
  ],
};

function limitWords(problem: ProblemError, now: Date): string {
  const [start, again] = LIMITS[problem.code] ?? ["This was too much at once.", "You can go on"];
  const resetsAt =
    problem.resetsAt ??
    (problem.retryAfter ? new Date(now.getTime() + problem.retryAfter * 1000) : undefined);
  return resetsAt ? `${start} ${again} ${whenWords(resetsAt, now)}.` : start;
}

/** `in 42 seconds`, `in 5 minutes`, `at 17:05`, `tomorrow at 00:00`. */
export function whenWords(instant: Date, now: Date): string {
  const seconds = Math.max(1, Math.ceil((instant.getTime() - now.getTime()) / 1000));
  if (seconds <= 90) return seconds === 1 ? "in 1 second" : `in ${seconds} seconds`;
  if (seconds < 3600) return `in ${Math.ceil(seconds / 60)} minutes`;
  const time = instant.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const sameDay = instant.toDateString() === now.toDateString();
  return sameDay ? `at ${time}` : `tomorrow at ${time}`;
}

function asRecord(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === "object" ? (value as Record<string, unknown>) : {};
}

function readFields(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(asRecord(value)).filter((entry): entry is [string, string] => {
      return typeof entry[1] === "string";
    }),
  );
}

function readInstant(value: string | undefined): Date | undefined {
  const instant = value === undefined ? undefined : new Date(value);
  return instant && !Number.isNaN(instant.getTime()) ? instant : undefined;
}
