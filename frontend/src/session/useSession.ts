import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { ProblemError, problemWords } from "../api/problem";
import { type ConnectionReporter, createSend } from "../api/send";
import { createSession, deleteSession, getSession, type Session } from "../api/session";
import { type Identity, loadIdentity } from "./identity";

export type SessionState =
  | { kind: "loading" }
  | { kind: "failed" }
  | { kind: "signed-out"; identity: Identity; error?: string }
  /** `expired`: the page stays as it is, with all that was typed, until the person is back. */
  | { kind: "signed-in"; identity: Identity; session: Session; expired: boolean; error?: string };

/** Who is signed in, and the ways in and out. */
export function useSession(connection: ConnectionReporter) {
  const [state, setState] = useState<SessionState>({ kind: "loading" });
  const send = useMemo(() => createSend({ connection }), [connection]);
  const latest = useRef(state);
  latest.current = state;

  const start = useCallback(async () => {
    setState({ kind: "loading" });
    try {
      const identity = await loadIdentity(send);
      const token = await identity.finish();
      const session = token ? await createSession(send, token) : await getSession(send);
      setState(
        session
          ? { kind: "signed-in", identity, session, expired: false }
          : { kind: "signed-out", identity },
      );
    } catch {
      setState({ kind: "failed" });
    }
  }, [send]);
  useEffect(() => void start(), [start]);

  const signIn = useCallback(
    async (name: string) => {
      const now = latest.current;
      if (!("identity" in now)) return;
      try {
        const token = await now.identity.signIn(name, now.kind === "signed-in");
        if (!token) return;
        const session = await createSession(send, token);
        setState({ kind: "signed-in", identity: now.identity, session, expired: false });
      } catch (error) {
        setState({ ...now, error: signInWords(error) });
      }
    },
    [send],
  );

  const signOut = useCallback(async () => {
    const now = latest.current;
    if (!("identity" in now)) return;
    await deleteSession(send).catch(() => undefined);
    await now.identity.signOut().catch(() => undefined);
    setState({ kind: "signed-out", identity: now.identity });
  }, [send]);

  const renewal = useRef<Promise<boolean>>(undefined);
  /** A new session without asking the person; requests that fail together share one. */
  const renew = useCallback(() => {
    renewal.current ??= renewSession().finally(() => {
      renewal.current = undefined;
    });
    return renewal.current;

    async function renewSession(): Promise<boolean> {
      const now = latest.current;
      if (now.kind !== "signed-in" || now.expired) return false;
      try {
        const token = await now.identity.renew();
        if (token) {
          await createSession(send, token);
          return true;
        }
      } catch {
        // The same as having no token: the person is asked.
      }
      setState({ ...now, expired: true });
      return false;
    }
  }, [send]);

  return { state, start, signIn, signOut, renew };
}

function signInWords(error: unknown): string {
  if (error instanceof ProblemError) return problemWords(error, new Date());
  if (error instanceof TypeError) return "The server cannot be reached.";
  return error instanceof Error ? error.message : "Signing in did not work.";
}
