import { createContext, useContext, useRef, useState } from "react";
import type { ActionConfig } from "../protocol";

export interface WidgetContextValue {
  /** Does an action; resolves when it has been done. While one is being done, no other begins. */
  act: (action: ActionConfig) => Promise<void>;
  /** The DOM id of the control of that name, by which its label finds it. */
  fieldId: (name: string) => string;
}

export const WidgetContext = createContext<WidgetContextValue>({
  act: async () => {},
  fieldId: (name) => name,
});

export const useWidget = () => useContext(WidgetContext);

/** Does actions for one control, and tells whether one of them is being done. */
export function useAction(): [(action: ActionConfig) => void, boolean] {
  const { act } = useWidget();
  const [pending, setPending] = useState(false);
  const running = useRef(false);
  function run(action: ActionConfig) {
    if (running.current) return;
    running.current = true;
    setPending(action.loadingBehavior !== "none");
    void act(action).finally(() => {
      running.current = false;
      setPending(false);
    });
  }
  return [run, pending];
}

/** As ChatKit does: what a form or a card sends makes the whole widget wait, unless it says else. */
export function inContainer(action: ActionConfig): ActionConfig {
  const { loadingBehavior = "auto" } = action;
  return loadingBehavior === "auto" ? { ...action, loadingBehavior: "container" } : action;
}
