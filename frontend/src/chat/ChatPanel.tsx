import { type ComponentProps, useCallback, useEffect, useState } from "react";
import { isFallbackForced, loadChatKit } from "./loadChatKit";
import { TaskChat } from "./TaskChat";

const loadFallback = () => import("../fallback");

/** The chat's place on the page: what stands there until ChatKit is loaded, and if it cannot be. */
export function ChatPanel(props: ComponentProps<typeof TaskChat>) {
  const [state, setState] = useState<"loading" | "loaded" | "failed">("loading");

  const load = useCallback(() => {
    setState("loading");
    loadChatKit(loadFallback, { forced: isFallbackForced() }).then(
      () => setState("loaded"),
      () => setState("failed"),
    );
  }, []);
  useEffect(load, [load]);

  return (
    <section className="chat-panel" aria-label="Assistant">
      {state === "loading" && (
        <div className="chat-wait" role="status">
          <span className="spinner" /> Opening the chat
        </div>
      )}
      {state === "failed" && (
        <div className="board-message" role="alert">
          <p className="board-message-title">The chat could not be loaded</p>
          <p>Your tasks work without it.</p>
          <button type="button" className="button" onClick={load}>
            Try again
          </button>
        </div>
      )}
      {state === "loaded" && <TaskChat {...props} />}
    </section>
  );
}
