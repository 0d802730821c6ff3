import { createContext, useContext, useRef, useState } from "react";
import type { ActionConfig } from "../protocol";

export interface WidgetContextValue {
  /** Performs an action, and resolves when it is done. Ignored while another action is running. */
  act: (action: ActionConfig) => Promise<void>;
  /** The DOM id of the control of that name, for its label. */
  fieldId: (name: string) => string;
}

export const WidgetContext = createContext<WidgetContextValue>({
  act: async () => {},
  fieldId: (name) => name,
});

export const useWidget = () => useContext(WidgetContext);

/** Performs actions for one control. The flag tells whether the control must show that one runs. */
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

/** As in ChatKit, an action of a form or card by default makes the whole widget wait. */
export function inContainer(action: ActionConfig): ActionConfig {
  const { loadingBehavior = "auto" } = action;
  return loadingBehavior === "auto" ? { ...action, loadingBehavior: "container" } : action;
}
