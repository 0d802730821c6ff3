import { readProblem } from "./problem";
import type { Send } from "./send";

/** Which files a message may bring along: types with the endings of their files' names. */
export interface AttachmentRules {
  max_bytes: number;
  max_count: number;
  types: Record<string, string[]>;
}

/** What the page needs to start, as `GET /api/session` answers it. */
export interface Session {
  user: { id: string; email: string | null };
  chatkit: { url: string; domain_key: string };
  limits: { per_minute: number; per_day: number; remaining: number; resets_at: string | null };
  model: string;
  /** Nothing where the model does not look at files. */
  attachments?: AttachmentRules | null;
}

/** The person's session, or nothing when they have to sign in. */
export async function getSession(send: Send): Promise<Session | undefined> {
  const response = await send("/api/session");
  if (response.status === 401) return undefined;
  if (!response.ok) throw await readProblem(response);
  return (await response.json()) as Session;
}

/** Hands a token over; from then on the httpOnly cookie carries it. */
export async function createSession(send: Send, token: string): Promise<Session> {
  const response = await send("/api/session", { method: "POST", body: JSON.stringify({ token }) });
  if (!response.ok) throw await readProblem(response);
  return (await response.json()) as Session;
}

export async function deleteSession(send: Send): Promise<void> {
  const response = await send("/api/session", { method: "DELETE" });
  if (!response.ok) throw await readProblem(response);
}

/** A token for a made-up person, on the developer's machine; nothing where that does not exist. */
export async function createDevToken(send: Send, user: string): Promise<string | undefined> {
  const response = await send("/api/dev/token", { method: "POST", body: JSON.stringify({ user }) });
  if (response.status === 404 || response.status === 405) return undefined;
  if (!response.ok) throw await readProblem(response);
  return ((await response.json()) as { access_token: string }).access_token;
}
