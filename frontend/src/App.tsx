import { useEffect, useRef } from "react";
import type { ConnectionMonitor } from "./chat/useConnectionStatus";
import { OnePerson } from "./OnePerson";
import { SignIn, SignInForm } from "./session/SignIn";
import { StillSignedIn } from "./session/StillSignedIn";
import { useSession } from "./session/useSession";
import { Brand } from "./ui/Brand";
import { Workspace } from "./Workspace";

export function App({ connection }: { connection: ConnectionMonitor }) {
  const { state, start, signIn, signOut, bidFarewell, renew } = useSession(connection);

  switch (state.kind) {
    case "loading":
      return (
        <main className="sign-in" aria-busy="true">
          <span className="spinner" role="status" aria-label="Loading" />
        </main>
      );
    case "failed":
      return (
        <main className="sign-in">
          <div className="sign-in-card" role="alert">
            <Brand />
            <h1>The server cannot be reached</h1>
            <p>Nothing is lost. Check the connection and try again.</p>
            <button type="button" className="button button-primary" onClick={() => void start()}>
              Try again
            </button>
          </div>
        </main>
      );
    case "signed-out":
      return (
        <SignIn
          identity={state.identity}
          error={state.error}
          notice={state.notice}
          onSignIn={signIn}
        />
      );
    case "still-signed-in":
      return (
        <StillSignedIn
          error={state.error}
          connection={connection}
          onSignOut={signOut}
          onStay={() => void start()}
        />
      );
    case "signed-in":
      return (
        <OnePerson key={state.session.user.id}>
          <Workspace
            session={state.session}
            connection={connection}
            renew={renew}
            onSignOut={signOut}
            onDeleted={bidFarewell}
          />
          {state.expired && (
            <ExpiredDialog>
              <SignInForm
                identity={state.identity}
                name={state.session.user.id}
                error={state.error}
                onSignIn={signIn}
              />
            </ExpiredDialog>
          )}
        </OnePerson>
      );
  }
}

/** A dialog over the page. The page keeps its state. */
function ExpiredDialog({ children }: { children: React.ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      className="editor"
      aria-labelledby="expired"
      onCancel={(event) => event.preventDefault()}
    >
      <h2 id="expired">Your session has ended</h2>
      <p>Sign in again to go on. What you wrote is still there.</p>
      {children}
    </dialog>
  );
}
