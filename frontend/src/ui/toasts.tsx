import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";
import { Icon } from "./icons";

const SHOWN_MS = 8_000;
const MOST_SHOWN = 3;

export interface Notice {
  text: string;
  tone?: "info" | "danger";
  action?: { label: string; run: () => void };
}

export type Notify = (notice: Notice) => void;

type Toast = Notice & { id: number };

const NotifyContext = createContext<Notify>(() => {});

export const useNotify = (): Notify => useContext(NotifyContext);

/** Short notices at the edge of the page. Screen readers announce them, and they take no focus. */
export function Toasts({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<Toast[]>([]);
  const [held, setHeld] = useState(false);

  const close = useCallback((id: number) => {
    setToasts((shown) => shown.filter((toast) => toast.id !== id));
  }, []);
  const notify = useCallback<Notify>((notice) => {
    setToasts((shown) => [...shown.slice(1 - MOST_SHOWN), { ...notice, id: nextId() }]);
  }, []);
  const hold = useMemo(
    () => ({
      onMouseEnter: () => setHeld(true),
      onMouseLeave: () => setHeld(false),
      onFocus: () => setHeld(true),
      onBlur: () => setHeld(false),
    }),
    [],
  );

  return (
    <NotifyContext value={notify}>
      {children}
      <section className="toasts" aria-label="Notices" aria-live="polite" {...hold}>
        {toasts.map((toast) => (
          <ToastView key={toast.id} toast={toast} held={held} onClose={close} />
        ))}
      </section>
    </NotifyContext>
  );
}

function ToastView(props: { toast: Toast; held: boolean; onClose: (id: number) => void }) {
  const { toast, held, onClose } = props;
  const close = () => onClose(toast.id);
  return (
    <div
      className="toast"
      data-tone={toast.tone ?? "info"}
      style={{
        animationDuration: `${SHOWN_MS}ms`,
        animationPlayState: held ? "paused" : "running",
      }}
      onAnimationEnd={close}
    >
      <span className="toast-text">{toast.text}</span>
      {toast.action && (
        <button
          type="button"
          className="toast-action"
          onClick={() => {
            toast.action?.run();
            close();
          }}
        >
          {toast.action.label}
        </button>
      )}
      <button type="button" className="icon-button" aria-label="Dismiss" onClick={close}>
        <Icon name="close" />
      </button>
    </div>
  );
}

let lastId = 0;
const nextId = () => ++lastId;
