import type { Send } from "../api/send";
import { createDevToken } from "../api/session";
import { loadConfig } from "./config";

/** A way to prove who one is. What it yields is a token for `POST /api/session`. */
export interface Identity {
  /** `name`: the person is asked for a name; `provider`: they are sent to another page. */
  asks: "name" | "provider";
  /**
   * Undefined where the sign-in goes on elsewhere, and comes back to this page. With `keepPage` it
   * goes on in a window of its own: there is text on this one that must not be lost.
   */
  signIn: (name: string, keepPage: boolean) => Promise<string | undefined>;
  /** The sign-in that this page was opened to finish, if it was. */
  finish: () => Promise<string | undefined>;
  /** A new token without asking the person, if that is possible. */
  renew: () => Promise<string | undefined>;
  /** Ends it where it was proved, too. Rejects where that place cannot be reached. */
  signOut: () => Promise<void>;
}

/** The provider that `/config.json` names, or the developer's sign-in. */
export async function loadIdentity(send: Send): Promise<Identity> {
  const { oidc } = await loadConfig();
  if (!oidc) return createDevIdentity(send);
  const { createOidcIdentity } = await import("./oidc");
  return createOidcIdentity(oidc);
}

const NAME_KEY = "taskchat.user";

export function createDevIdentity(send: Send): Identity {
  async function token(name: string): Promise<string> {
    const made = await createDevToken(send, name);
    if (!made) throw new Error("No sign-in is set up here: config.json names no provider.");
    return made;
  }
  return {
    asks: "name",
    async signIn(name) {
      const made = await token(name);
      localStorage.setItem(NAME_KEY, name);
      return made;
    },
    finish: async () => undefined,
    async renew() {
      const name = localStorage.getItem(NAME_KEY);
      return name ? token(name) : undefined;
    },
    signOut: async () => localStorage.removeItem(NAME_KEY),
  };
}
