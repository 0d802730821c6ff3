import { type CSSProperties, createContext, type FormEvent, type ReactNode, use } from "react";
import type { ActionConfig } from "../protocol";
import { inContainer, useAction } from "./context";
import { readForm, withValues } from "./formValues";

const SubmittingContext = createContext<boolean | undefined>(undefined);

/** Whether the surrounding form is being submitted. Undefined outside a form. */
export const useSubmitting = () => use(SubmittingContext);

interface Props {
  action: ActionConfig | undefined;
  className?: string;
  style?: CSSProperties;
  children: ReactNode;
}

/** Performs its action with the form's values, once the browser considers them valid. */
export function ActionForm({ action, className, style, children }: Props) {
  const [act, submitting] = useAction();

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    event.stopPropagation();
    const form = event.currentTarget;
    if (!action || !form.reportValidity()) return;
    act(inContainer(withValues(action, readForm(form))));
  }

  return (
    <form noValidate className={className} style={style} onSubmit={submit}>
      <SubmittingContext value={submitting}>{children}</SubmittingContext>
    </form>
  );
}
