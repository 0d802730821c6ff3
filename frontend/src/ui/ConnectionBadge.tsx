import type { ConnectionStatus } from "../chat/useConnectionStatus";
import { Icon } from "./icons";

const WORDS: Record<ConnectionStatus, string> = {
  online: "",
  reconnecting: "Reconnecting…",
  offline: "Disconnected",
};

/** Shows nothing while the page is online. Screen readers announce changes. */
export function ConnectionBadge({ status }: { status: ConnectionStatus }) {
  return (
    <div role="status" aria-live="polite" data-testid="connection">
      {status !== "online" && (
        <span className="connection" data-status={status}>
          {status === "offline" ? <Icon name="offline" size={16} /> : <span className="spinner" />}
          {WORDS[status]}
        </span>
      )}
    </div>
  );
}
