import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { requestWords } from "../api/problem";
import { type ConnectionReporter, createSend } from "../api/send";
import { createSession, deleteSession, getSession, type Session } from "../api/session";
import { useTabSync } from "../chat/useTabSync";
import { type Identity, loadIdentity } from "./identity";
import { removeLeftovers } from "./leftovers";
import { Renewal } from "./renewal";

export type SessionState =
  | { kind: "loading" }
  | { kind: "failed" }
  /** `notice`: a message about the session that has just ended. */
  | { kind: "signed-out"; identity: Identity; error?: string; notice?: string }
  /** The sign-out failed: the cookie, which only the server can clear, is still valid. */
  | { kind: "still-signed-in"; identity: Identity; error: string }
  /** `expired`: the page keeps its state and input until the person signs in again. */
  | { kind: "signed-in"; identity: Identity; session: Session; expired: boolean; error?: string };

type TabMessage =
  /** Someone signed in or out, or a session was renewed. */
  | { kind: "session.changed" }
  /** A tab needs this person's session to be renewed, but has no token. */
  | { kind: "renewal.wanted"; user: string };

const PROVIDER_UNREACHED =
  "You are signed out here, but the sign-in provider could not be reached. It may still know you " +
  "in this browser: sign out there, too, if others use it.";

const FAREWELL_KEY = "taskchat.farewell";
const FAREWELL =
  "Your account has been deleted, with everything in it. Thank you for using Taskchat. You are " +
  "welcome back at any time.";

/** The session that all tabs of this browser share, and the functions to sign in and out. */
export function useSession(connection: ConnectionReporter) {
  const [state, setState] = useState<SessionState>({ kind: "loading" });
  const send = useMemo(() => createSend({ connection }), [connection]);
  const latest = useRef(state);
  latest.current = state;

  const tellTabs = useTabSync<TabMessage>("taskchat.session", {
    onMessage(message) {
      if (message.kind === "renewal.wanted") return void renewForOthers(message.user);
      renewal.heard();
      void check();
    },
  });
  const renewal = useMemo(
    () => new Renewal(send, (user) => tellTabs({ kind: "renewal.wanted", user })),
    [send, tellTabs],
  );

  async function renewForOthers(user: string): Promise<void> {
    const now = latest.current;
    if (now.kind !== "signed-in" || now.session.user.id !== user) return;
    const renewed = await renewal.byOwnToken(now.identity, user);
    if (renewed) tellTabs({ kind: "session.changed" });
  }

  const enter = useCallback((identity: Identity, session: Session) => {
    removeLeftovers(session.user.id);
    setState({ kind: "signed-in", identity, session, expired: false });
  }, []);
  const leave = useCallback(
    (identity: Identity, notice?: string) => {
      removeLeftovers();
      setState({ kind: "signed-out", identity, ...(notice ? { notice } : {}) });
      tellTabs({ kind: "session.changed" });
    },
    [tellTabs],
  );

  const start = useCallback(async () => {
    setState({ kind: "loading" });
    try {
      const identity = await loadIdentity(send);
      const token = await identity.finish();
      const session = token ? await createSession(send, token) : await getSession(send);
      if (!session) return setState({ kind: "signed-out", identity, ...takeFarewell() });
      enter(identity, session);
      if (token) tellTabs({ kind: "session.changed" });
    } catch {
      setState({ kind: "failed" });
    }
  }, [send, enter, tellTabs]);
  useEffect(() => void start(), [start]);

  /** Adopts another tab's change to the session. The page of the same person stays unchanged. */
  const check = useCallback(async () => {
    const before = latest.current;
    if (!("identity" in before)) return;
    const session = await getSession(send).catch(() => null);
    const now = latest.current;
    if (session === null || !("identity" in now)) return;
    if (session) enter(now.identity, session);
    else if (now.kind !== "signed-out") {
      removeLeftovers();
      setState({ kind: "signed-out", identity: now.identity });
    }
  }, [send, enter]);
  useEffect(() => {
    // The browser's Back button may restore the page from before a sign-out.
    const shown = (event: PageTransitionEvent) => event.persisted && void check();
    addEventListener("pageshow", shown);
    return () => removeEventListener("pageshow", shown);
  }, [check]);

  const signIn = useCallback(
    async (name: string) => {
      const now = latest.current;
      if (!("identity" in now)) return;
      try {
        const token = await now.identity.signIn(name, now.kind === "signed-in");
        if (!token) return;
        enter(now.identity, await createSession(send, token));
        tellTabs({ kind: "session.changed" });
      } catch (error) {
        setState({ ...now, error: requestWords(error) });
      }
    },
    [send, enter, tellTabs],
  );

  const signOut = useCallback(async () => {
    const now = latest.current;
    if (!("identity" in now)) return;
    const { identity } = now;
    try {
      await deleteSession(send);
    } catch (error) {
      return setState({ kind: "still-signed-in", identity, error: requestWords(error) });
    }
    leave(identity);
    await identity.signOut().catch(() => leave(identity, PROVIDER_UNREACHED));
  }, [send, leave]);

  /** Leaves the page after the account and its session were deleted. */
  const bidFarewell = useCallback(async () => {
    const now = latest.current;
    if (!("identity" in now)) return;
    leave(now.identity, FAREWELL);
    // The provider's sign-out leaves this page, so the message is kept until the person returns.
    sessionStorage.setItem(FAREWELL_KEY, "");
    await now.identity.signOut().catch(() => undefined);
  }, [leave]);

  const renew = useCallback(async () => {
    const now = latest.current;
    if (now.kind !== "signed-in" || now.expired) return false;
    const renewed = await renewal.run(now.identity, now.session.user.id);
    if (!renewed && latest.current === now) setState({ ...now, expired: true });
    return renewed;
  }, [renewal]);

  return { state, start, signIn, signOut, bidFarewell, renew };
}

function takeFarewell(): { notice?: string } {
  const waits = sessionStorage.getItem(FAREWELL_KEY) !== null;
  sessionStorage.removeItem(FAREWELL_KEY);
  return waits ? { notice: FAREWELL } : {};
}
