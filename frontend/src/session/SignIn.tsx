import { type FormEvent, useState } from "react";
import { Brand } from "../ui/Brand";
import type { Identity } from "./identity";

interface Props {
  identity: Identity;
  /** The default name: the person whose session has ended. */
  name?: string;
  error: string | undefined;
  /** A message about the session that has just ended. */
  notice?: string | undefined;
  onSignIn: (name: string) => Promise<void>;
}

export function SignIn({ identity, error, notice, onSignIn }: Props) {
  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <Brand />
        <h1>Your tasks, and an assistant for them</h1>
        {notice && (
          <p className="sign-in-notice" role="status">
            {notice}
          </p>
        )}
        <SignInForm identity={identity} error={error} onSignIn={onSignIn} />
      </div>
    </main>
  );
}

/** The sign-in form alone. It is also shown over the page when a session has expired. */
export function SignInForm({ identity, name = "alice", error, onSignIn }: Props) {
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name") ?? "").trim();
    setBusy(true);
    await onSignIn(name);
    setBusy(false);
  }

  return (
    <form className="sign-in-form" onSubmit={submit}>
      {identity.asks === "name" && (
        <label className="field">
          <span>Your name</span>
          <input name="name" defaultValue={name} required maxLength={64} autoComplete="username" />
        </label>
      )}
      <button type="submit" className="button button-primary" disabled={busy}>
        {identity.asks === "name" ? "Sign in" : "Sign in with your account"}
      </button>
      {identity.asks === "name" && (
        <p className="hint">
          A sign-in for development: any name will do, and there is no password.
        </p>
      )}
      {error && (
        <p className="field-fault" role="alert">
          {error}
        </p>
      )}
    </form>
  );
}
