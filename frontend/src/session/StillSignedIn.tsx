import { useEffect, useState } from "react";
import { type ConnectionMonitor, useConnectionStatus } from "../chat/useConnectionStatus";
import { Brand } from "../ui/Brand";

interface Props {
  error: string;
  connection: ConnectionMonitor;
  onSignOut: () => Promise<void>;
  onStay: () => void;
}

/** Shown when a sign-out did not reach the server. Tries again when the connection returns. */
export function StillSignedIn({ error, connection, onSignOut, onStay }: Props) {
  const [busy, setBusy] = useState(false);
  useConnectionStatus(connection);
  useEffect(() => connection.onReturn(() => void onSignOut()), [connection, onSignOut]);

  async function tryAgain() {
    setBusy(true);
    await onSignOut();
    setBusy(false);
  }

  return (
    <main className="sign-in">
      <div className="sign-in-card" role="alert">
        <Brand />
        <h1>You are not signed out yet</h1>
        <p>
          {error} This browser stays signed in until the server has taken the sign-out. Keep this
          page open: it tries again when the connection is back.
        </p>
        <button
          type="button"
          className="button button-primary"
          disabled={busy}
          onClick={() => void tryAgain()}
        >
          Try again
        </button>
        <button type="button" className="button button-quiet" onClick={onStay}>
          Stay signed in
        </button>
      </div>
    </main>
  );
}
