import { ChatIcon } from "../icons";
import type { ActionConfig, WidgetNode } from "../protocol";
import { inContainer, useAction } from "./context";
import { useSubmitting } from "./Form";
import { maybe, readAction, text } from "./node";

/** A button in a widget. It performs its action, or submits the form around it. */
export function Button({ node }: { node: WidgetNode }) {
  const [act, pending] = useAction();
  const submitting = useSubmitting() === true;
  const action = readAction(node.onClickAction);
  const submit = node.submit === true;
  const primary = node.style === "primary" || node.variant === "solid";
  const iconStart = text(node, "iconStart");
  const iconEnd = text(node, "iconEnd");
  const label = text(node, "label");
  return (
    <button
      type={submit ? "submit" : "button"}
      className="widget-button"
      data-style={primary ? "primary" : undefined}
      data-variant={maybe(node, "variant")}
      data-color={maybe(node, "color")}
      data-block={node.block === true || undefined}
      disabled={node.disabled === true || (!submit && !action)}
      aria-busy={pending || (submit && submitting)}
      aria-label={label ? undefined : iconStart || undefined}
      onClick={() => !submit && action && act(action)}
    >
      {iconStart && <ChatIcon name={iconStart} size={15} />}
      {label}
      {iconEnd && <ChatIcon name={iconEnd} size={15} />}
    </button>
  );
}

/** Confirm or Cancel below a card. Without an action, it submits the card as a form. */
export function CardButton(props: {
  label: string;
  action: ActionConfig | undefined;
  primary?: boolean;
}) {
  const { label, action, primary = false } = props;
  const [act, pending] = useAction();
  const submitting = useSubmitting() === true;
  return (
    <button
      type={action ? "button" : "submit"}
      className="widget-button"
      data-style={primary ? "primary" : undefined}
      aria-busy={pending || (!action && submitting)}
      onClick={() => action && act(inContainer(action))}
    >
      {label}
    </button>
  );
}
