import { useId, useMemo, useRef, useState } from "react";
import type { ActionConfig, WidgetNode } from "./protocol";
import { Component } from "./widget/Component";
import { WidgetContext } from "./widget/context";

interface Props {
  root: WidgetNode;
  /** An action of this widget is running. */
  busy: boolean;
  onAction: (action: ActionConfig) => Promise<void>;
}

/**
 * A widget from our server: cards and lists of rows, texts, icons, buttons and forms.
 *
 * While an action is running, further clicks do nothing. Controls are not disabled meanwhile,
 * because a disabled control loses the focus. An action can dim the whole widget.
 */
export function Widget({ root, busy, onAction }: Props) {
  const id = useId();
  const [waiting, setWaiting] = useState(false);
  const latest = useRef({ busy, onAction });
  latest.current = { busy, onAction };
  const context = useMemo(
    () => ({
      async act(action: ActionConfig) {
        if (latest.current.busy) return;
        setWaiting(action.loadingBehavior === "container");
        try {
          await latest.current.onAction(action);
        } finally {
          setWaiting(false);
        }
      },
      fieldId: (name: string) => `${id}-${name}`,
    }),
    [id],
  );
  return (
    <div className="widget" aria-busy={busy || waiting} data-waiting={waiting || undefined}>
      <WidgetContext value={context}>
        <Component node={root} />
      </WidgetContext>
    </div>
  );
}
