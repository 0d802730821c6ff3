import type { Send } from "../api/send";
import { createDevToken } from "../api/session";
import { loadConfig } from "./config";

/** A way to sign in. It yields a token for `POST /api/session`. */
export interface Identity {
  /** `name`: the page asks the person for a name. `provider`: they sign in on another page. */
  asks: "name" | "provider";
  /**
   * Undefined if the sign-in continues on another page, which leads back to this one. With
   * `keepPage` it uses a separate window, because this page has input that must not be lost.
   */
  signIn: (name: string, keepPage: boolean) => Promise<string | undefined>;
  /** Finishes a sign-in that has led back to this page, if there is one. */
  finish: () => Promise<string | undefined>;
  /** A new token without asking the person, if that is possible. */
  renew: () => Promise<string | undefined>;
  /** Signs out from the provider, too. Rejects if the provider cannot be reached. */
  signOut: () => Promise<void>;
}

/** The sign-in of the provider in `/config.json`, or the developer sign-in. */
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
