import { readProblem } from "./problem";
import type { Send } from "./send";

/** Which files may be attached to a message: types with their file name extensions. */
export interface AttachmentRules {
  max_bytes: number;
  max_count: number;
  types: Record<string, string[]>;
}

/** What the page needs to start: the response of `GET /api/session`. */
export interface Session {
  user: { id: string; email: string | null };
  chatkit: { url: string; domain_key: string };
  limits: { per_minute: number; per_day: number; remaining: number; resets_at: string | null };
  model: string;
  /** Missing or null if files cannot be attached. */
  attachments?: AttachmentRules | null;
}

/** The person's session, or undefined if they have to sign in. */
export async function getSession(send: Send): Promise<Session | undefined> {
  const response = await send("/api/session");
  if (response.status === 401) return undefined;
  if (!response.ok) throw await readProblem(response);
  return (await response.json()) as Session;
}

/** Sends a token to the server, which returns it as an httpOnly cookie. */
export async function createSession(send: Send, token: string): Promise<Session> {
  const response = await send("/api/session", { method: "POST", body: JSON.stringify({ token }) });
  if (!response.ok) throw await readProblem(response);
  return (await response.json()) as Session;
}

export async function deleteSession(send: Send): Promise<void> {
  const response = await send("/api/session", { method: "DELETE" });
  if (!response.ok) throw await readProblem(response);
}

/** A token for a made-up person, on a developer's machine. Undefined where that is not offered. */
export async function createDevToken(send: Send, user: string): Promise<string | undefined> {
  const response = await send("/api/dev/token", { method: "POST", body: JSON.stringify({ user }) });
  if (response.status === 404 || response.status === 405) return undefined;
  if (!response.ok) throw await readProblem(response);
  return ((await response.json()) as { access_token: string }).access_token;
}
