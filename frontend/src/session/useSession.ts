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
  /** `notice`: what is to be said of the session that has just ended. */
  | { kind: "signed-out"; identity: Identity; error?: string; notice?: string }
  /** The server did not hear of the sign-out: the cookie, which only it can clear, still holds. */
  | { kind: "still-signed-in"; identity: Identity; error: string }
  /** `expired`: the page stays as it is, with all that was typed, until the person is back. */
  | { kind: "signed-in"; identity: Identity; session: Session; expired: boolean; error?: string };

type TabMessage =
  /** Somebody signed in, out, or was renewed. */
  | { kind: "session.changed" }
  /** A tab has no token to renew this person's session with. */
  | { kind: "renewal.wanted"; user: string };

const PROVIDER_UNREACHED =
  "You are signed out here, but the sign-in provider could not be reached. It may still know you " +
  "in this browser: sign out there, too, if others use it.";

const FAREWELL_KEY = "taskchat.farewell";
const FAREWELL =
  "Your account has been deleted, with everything in it. Thank you for using Taskchat. You are " +
  "welcome back at any time.";

/** Who is signed in, in all tabs of this browser, and the ways in and out. */
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

  /** Follows what another tab did to the session. The same person's page stays as it is. */
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
    // The browser's Back may show the page as it was before a sign-out.
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

  /** After the account was deleted, and the session with it. */
  const bidFarewell = useCallback(async () => {
    const now = latest.current;
    if (!("identity" in now)) return;
    leave(now.identity, FAREWELL);
    // The provider's sign-out leaves this page: the last word waits for the way back.
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
