import { type ComponentProps, useCallback, useEffect, useRef, useState } from "react";
import { useNotify } from "../ui/toasts";
import type { Death } from "./chatHealth";
import { type ChatSource, isFallbackForced, loadChatKit } from "./loadChatKit";
import { reportFallback } from "./reportFallback";
import { TaskChat } from "./TaskChat";
import type { Draft } from "./useLiveThread";

const loadFallback = async () => (await import("../fallback")).defineFallback();

const WORDS =
  "The chat did not start properly. A simpler one has taken its place; nothing is lost.";

/**
 * The chat's panel on the page: a placeholder until ChatKit is loaded, then the chat, or the
 * fallback if ChatKit fails.
 */
export function ChatPanel(
  props: Omit<ComponentProps<typeof TaskChat>, "source" | "draft" | "onDead">,
) {
  const [state, setState] = useState<"loading" | "failed" | ChatSource>("loading");
  const draft = useRef<Draft>(undefined);
  const notify = useNotify();

  const load = useCallback((forced: boolean) => {
    setState("loading");
    loadChatKit(loadFallback, { forced }).then(
      (source) => {
        if (source.kind === "fallback" && !forced) reportFallback("not loaded");
        setState(source);
      },
      () => setState("failed"),
    );
  }, []);
  useEffect(() => load(isFallbackForced()), [load]);

  function onDead(death: Death, source: ChatSource) {
    // The option to turn telemetry off is undocumented, so a later version may refuse it.
    if (death === "options" && source.quiet) return setState({ ...source, quiet: false });
    reportFallback(death);
    notify({ text: WORDS });
    load(true);
  }

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
          <button type="button" className="button" onClick={() => load(isFallbackForced())}>
            Try again
          </button>
        </div>
      )}
      {typeof state === "object" && (
        <TaskChat
          {...props}
          key={`${state.tag} ${state.quiet}`}
          source={state}
          draft={draft}
          onDead={(death) => onDead(death, state)}
        />
      )}
    </section>
  );
}
