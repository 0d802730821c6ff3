import { act, renderHook, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Identity } from "../src/session/identity";
import { useSession } from "../src/session/useSession";
import { type Asked, json, problem } from "./support/backend";

afterEach(() => vi.unstubAllGlobals());

const sessionOf = (user: string) => ({
  user: { id: user, email: null },
  chatkit: { url: "/api/chatkit", domain_key: "key" },
  limits: { per_minute: 10, per_day: 100, remaining: 10, resets_at: null },
  model: "demo",
});

interface Backend {
  /** Whether the cookie is good. */
  signedIn: boolean;
  user?: string;
  dev?: boolean;
  down?: boolean;
}

/** One tab's page on a backend with the developer's sign-in. */
function page(backend: Backend) {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit = {}) => {
    const request = { url, method: init.method ?? "GET", body: init.body } as Asked;
    asked.push(`${request.method} ${url}`);
    if (url === "/config.json") return json({ oidc: null });
    if (backend.down) throw new TypeError("Failed to fetch");
    const body = JSON.parse(String(request.body ?? "{}")) as { user?: string; token?: string };
    if (url === "/api/dev/token") {
      return backend.dev === false ? problem(404, "not-found") : json({ access_token: body.user });
    }
    if (request.method === "POST") Object.assign(backend, { signedIn: true, user: body.token });
    if (request.method === "DELETE") {
      backend.signedIn = false;
      return new Response(null, { status: 204 });
    }
    if (!backend.signedIn) return problem(401, "unauthenticated");
    return json(sessionOf(backend.user ?? "alice"));
  });
  const connection = { succeeded: () => {}, failed: () => {} };
  const { result } = renderHook(() => useSession(connection));
  return { asked, now: () => result.current, state: () => result.current.state };
}

describe("the session", () => {
  it("is there again after a reload", async () => {
    const it = page({ signedIn: true });
    await waitFor(() => expect(it.state()).toMatchObject({ kind: "signed-in", expired: false }));
  });

  it("begins with a name, where nothing else is set up", async () => {
    const it = page({ signedIn: false });
    await waitFor(() => expect(it.state().kind).toBe("signed-out"));
    await act(() => it.now().signIn("alice"));
    expect(it.state()).toMatchObject({ kind: "signed-in", session: { user: { id: "alice" } } });
    expect(it.asked.slice(-2)).toEqual(["POST /api/dev/token", "POST /api/session"]);
  });

  it("says that no sign-in is set up on a deployment without one", async () => {
    const it = page({ signedIn: false, dev: false });
    await waitFor(() => expect(it.state().kind).toBe("signed-out"));
    await act(() => it.now().signIn("alice"));
    expect(it.state()).toMatchObject({ error: expect.stringContaining("config.json") });
  });

  it("is renewed once for all requests that fail together", async () => {
    const it = page({ signedIn: false });
    await waitFor(() => expect(it.state().kind).toBe("signed-out"));
    await act(() => it.now().signIn("alice"));
    const before = it.asked.length;
    const renewed = await act(() => Promise.all([it.now().renew(), it.now().renew()]));
    expect(renewed).toEqual([true, true]);
    expect(it.asked.slice(before)).toEqual(["POST /api/dev/token", "POST /api/session"]);
  });

  it("that cannot be renewed leaves the page as it is, and asks", async () => {
    const backend = { signedIn: true };
    const it = page(backend);
    await waitFor(() => expect(it.state().kind).toBe("signed-in"));
    backend.signedIn = false;
    expect(await act(() => it.now().renew())).toBe(false);
    expect(it.state()).toMatchObject({ kind: "signed-in", expired: true });
    await act(() => it.now().signIn("alice"));
    expect(it.state()).toMatchObject({ kind: "signed-in", expired: false });
  });

  it("ends", async () => {
    const it = page({ signedIn: true });
    await waitFor(() => expect(it.state().kind).toBe("signed-in"));
    await act(() => it.now().signOut());
    expect(it.state().kind).toBe("signed-out");
    expect(it.asked).toContain("DELETE /api/session");
  });

  it("goes on, and says so, when the sign-out did not reach the server", async () => {
    const backend: Backend = { signedIn: true };
    const it = page(backend);
    await waitFor(() => expect(it.state().kind).toBe("signed-in"));
    backend.down = true;
    await act(() => it.now().signOut());
    expect(it.state()).toMatchObject({
      kind: "still-signed-in",
      error: "The server cannot be reached.",
    });
    backend.down = false;
    await act(() => it.now().signOut());
    expect(it.state().kind).toBe("signed-out");
    expect(backend.signedIn).toBe(false);
  });

  it("ends here, and says so, where the provider cannot be reached", async () => {
    const it = page({ signedIn: true });
    await waitFor(() => expect(it.state().kind).toBe("signed-in"));
    const { identity } = it.state() as { identity: Identity };
    identity.signOut = async () => {
      throw new TypeError("Failed to fetch");
    };
    await act(() => it.now().signOut());
    expect(it.state()).toMatchObject({
      kind: "signed-out",
      notice: expect.stringContaining("provider could not be reached"),
    });
  });

  it("ends with a last word when the account is deleted, also over a provider's page", async () => {
    const backend: Backend = { signedIn: true };
    const it = page(backend);
    await waitFor(() => expect(it.state().kind).toBe("signed-in"));
    backend.signedIn = false;
    await act(() => it.now().bidFarewell());
    const farewell = {
      kind: "signed-out",
      notice: expect.stringContaining("account has been deleted"),
    };
    expect(it.state()).toMatchObject(farewell);
    expect(it.asked).not.toContain("DELETE /api/session");
    await act(() => it.now().start());
    expect(it.state()).toMatchObject(farewell);
    await act(() => it.now().start());
    expect(it.state()).not.toHaveProperty("notice");
  });

  it("leaves nothing of a person in the browser when it ends", async () => {
    const it = page({ signedIn: false });
    await waitFor(() => expect(it.state().kind).toBe("signed-out"));
    await act(() => it.now().signIn("alice"));
    for (const storage of [localStorage, sessionStorage]) {
      storage.setItem("taskchat.thread.alice", "thr_1");
      storage.setItem("taskchat.scheme", "dark");
    }
    sessionStorage.setItem("oidc.user:https://issuer:page", '{"refresh_token": "secret"}');
    await act(() => it.now().signOut());
    expect(Object.keys(localStorage)).toEqual(["taskchat.scheme"]);
    expect(Object.keys(sessionStorage)).toEqual(["taskchat.scheme"]);
  });

  it("keeps a person's own when they come back, and nothing of anybody else", async () => {
    localStorage.setItem("taskchat.thread.alice", "thr_1");
    const it = page({ signedIn: false });
    await waitFor(() => expect(it.state().kind).toBe("signed-out"));
    await act(() => it.now().signIn("alice"));
    expect(localStorage.getItem("taskchat.thread.alice")).toBe("thr_1");
    await act(() => it.now().signIn("bob"));
    expect(it.state()).toMatchObject({ session: { user: { id: "bob" } } });
    expect(localStorage.getItem("taskchat.thread.alice")).toBeNull();
  });
});

describe("the session of several tabs", () => {
  it("ends in all of them, and is the next person's in all of them", async () => {
    const backend: Backend = { signedIn: true };
    const one = page(backend);
    const two = page(backend);
    for (const tab of [one, two]) {
      await waitFor(() => expect(tab.state().kind).toBe("signed-in"));
    }
    await act(() => one.now().signOut());
    await waitFor(() => expect(two.state().kind).toBe("signed-out"));
    await act(() => two.now().signIn("bob"));
    await waitFor(() =>
      expect(one.state()).toMatchObject({ kind: "signed-in", session: { user: { id: "bob" } } }),
    );
  });

  it("is renewed by the tab that can", async () => {
    const backend: Backend = { signedIn: true };
    const tabs = [page(backend), page(backend)] as const;
    const renewals = [vi.fn(async () => "alice"), vi.fn(async () => undefined)];
    for (const [index, tab] of tabs.entries()) {
      await waitFor(() => expect(tab.state().kind).toBe("signed-in"));
      Object.assign((tab.state() as { identity: Identity }).identity, { renew: renewals[index] });
    }
    backend.signedIn = false;
    expect(await act(() => tabs[1].now().renew())).toBe(true);
    expect(renewals[0]).toHaveBeenCalledTimes(1);
    expect(tabs[1].state()).toMatchObject({ kind: "signed-in", expired: false });
  });

  it("that came back in one is asked for in none", async () => {
    const backend: Backend = { signedIn: true };
    const one = page(backend);
    const two = page(backend);
    for (const tab of [one, two]) {
      await waitFor(() => expect(tab.state().kind).toBe("signed-in"));
    }
    backend.signedIn = false;
    await act(() => Promise.all([one.now().renew(), two.now().renew()]));
    for (const tab of [one, two]) expect(tab.state()).toMatchObject({ expired: true });
    await act(() => one.now().signIn("alice"));
    await waitFor(() => expect(two.state()).toMatchObject({ kind: "signed-in", expired: false }));
  });

  it("is looked up again where Back shows an earlier page", async () => {
    const backend: Backend = { signedIn: true };
    const it = page(backend);
    await waitFor(() => expect(it.state().kind).toBe("signed-in"));
    backend.signedIn = false;
    act(() => {
      dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
    });
    await waitFor(() => expect(it.state().kind).toBe("signed-out"));
  });
});
