import { act, renderHook, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { useSession } from "../src/session/useSession";
import { type Asked, json, problem } from "./support/backend";

afterEach(() => vi.unstubAllGlobals());

const session = {
  user: { id: "alice", email: null },
  chatkit: { url: "/api/chatkit", domain_key: "key" },
  limits: { per_minute: 10, per_day: 100, remaining: 10, resets_at: null },
  model: "demo",
};

/** A backend with the developer's sign-in; `signedIn` says whether the cookie is good. */
function page(backend: { signedIn: boolean; dev?: boolean }) {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit = {}) => {
    const request = { url, method: init.method ?? "GET", body: init.body } as Asked;
    asked.push(`${request.method} ${url}`);
    if (url === "/config.json") return json({ oidc: null });
    if (url === "/api/dev/token") {
      return backend.dev === false ? problem(404, "not-found") : json({ access_token: "token" });
    }
    if (request.method === "POST") backend.signedIn = true;
    if (request.method === "DELETE") return new Response(null, { status: 204 });
    return backend.signedIn ? json(session) : problem(401, "unauthenticated");
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
    const it = page({ signedIn: true });
    await waitFor(() => expect(it.state().kind).toBe("signed-in"));
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
});
