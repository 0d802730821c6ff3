import type { OpenAIChatKit } from "@openai/chatkit";
import type { ChatKitControl } from "@openai/chatkit-react";
import { createElement, useEffectEvent, useLayoutEffect, useRef } from "react";
import { type Death, watchHealth } from "./chatHealth";
import type { ChatSource } from "./loadChatKit";

interface Props {
  control: ChatKitControl;
  source: ChatSource;
  onStop: () => void;
  onDead: (death: Death) => void;
}

/**
 * ChatKit's element: OpenAI's, or the fallback. If OpenAI's has taken the tag name, the fallback
 * has another one.
 *
 * The `ChatKit` component of the React binding supports only one tag name. It handles neither
 * `chatkit.response.stop` nor a frame that fails to start.
 */
export function ChatElement({ control, source, onStop, onDead }: Props) {
  const ref = useRef<OpenAIChatKit>(null);
  const { options, handlers, setInstance } = control;
  const died = useEffectEvent(onDead);

  // Listens before the options are set, because setting them starts the element, which emits
  // events.
  useLayoutEffect(() => {
    const element = ref.current;
    const listening = new AbortController();
    const listen = (name: string, handler: (detail: unknown) => void) =>
      element?.addEventListener(name, (event) => handler((event as CustomEvent).detail), listening);
    for (const [name, handler] of Object.entries(handlers)) {
      listen(eventName(name), handler as (detail: unknown) => void);
    }
    listen("chatkit.response.stop", onStop);
    return () => listening.abort();
  }, [handlers, onStop]);

  useLayoutEffect(() => {
    setInstance(ref.current);
    ref.current?.setOptions(
      source.quiet ? ({ ...options, disableTelemetry: true } as typeof options) : options,
    );
  }, [options, setInstance, source.quiet]);

  useLayoutEffect(() => {
    const element = ref.current;
    return element && source.kind === "cdn" ? watchHealth(element, died) : undefined;
  }, [source.kind]);

  return createElement(source.tag, { ref, className: "chat" });
}

/** `chatkit.thread.load.end` for `onThreadLoadEnd`. */
function eventName(handler: string): string {
  return `chatkit${handler.slice(2).replace(/[A-Z]/g, (letter) => `.${letter.toLowerCase()}`)}`;
}
