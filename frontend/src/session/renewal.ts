import type { Send } from "../api/send";
import { createSession, getSession } from "../api/session";
import type { Identity } from "./identity";

/** How long the other tabs may take to renew the shared session before the person is asked. */
const OTHER_TABS_MS = 1_500;

/**
 * Renews sessions without asking the person. All tabs share the cookie, but only the tab where the
 * person signed in has a token in memory. So a tab without a token asks the others.
 */
export class Renewal {
  #running: Promise<boolean> | undefined;
  #heard = () => {};

  /** `askTabs` asks the other tabs to renew this person's session. */
  constructor(
    readonly send: Send,
    readonly askTabs: (user: string) => void,
  ) {}

  /** Resolves to whether the person has a session again. Concurrent calls share one renewal. */
  run(identity: Identity, user: string): Promise<boolean> {
    this.#running ??= this.#renew(identity, user).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Renews with this tab's own token. False if there is none or the renewal failed. */
  async byOwnToken(identity: Identity, user: string): Promise<boolean> {
    const token = await identity.renew().catch(() => undefined);
    const session = token && (await createSession(this.send, token).catch(() => undefined));
    return session ? session.user.id === user : false;
  }

  /** Another tab has changed the session. */
  heard(): void {
    this.#heard();
  }

  async #renew(identity: Identity, user: string): Promise<boolean> {
    if (await this.byOwnToken(identity, user)) return true;
    await new Promise<void>((resume) => {
      this.#heard = resume;
      setTimeout(resume, OTHER_TABS_MS);
      this.askTabs(user);
    });
    const session = await getSession(this.send).catch(() => undefined);
    return session?.user.id === user;
  }
}
