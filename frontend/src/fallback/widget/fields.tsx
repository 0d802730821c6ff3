import { useLayoutEffect, useRef, useState } from "react";
import { ChatIcon } from "../icons";
import type { WidgetNode } from "../protocol";
import { useAction, useWidget } from "./context";
import { dayOf, withOffset } from "./dates";
import { withValues } from "./formValues";
import { maybe, readAction, text } from "./node";

type Member = { node: WidgetNode };

interface Option {
  value: string;
  label: string;
  disabled?: boolean;
  description?: string;
}

const labelId = (fieldId: string) => `${fieldId}-label`;

/** What all controls have: their name, their id for the label, and whether they are enabled. */
function useField(node: WidgetNode) {
  const { fieldId } = useWidget();
  const [act] = useAction();
  const name = text(node, "name");
  const action = readAction(node.onChangeAction);
  return {
    props: {
      id: fieldId(name),
      name,
      disabled: node.disabled === true,
      "aria-label": maybe(node, "ariaLabel"),
    },
    changed: (value: unknown) => action && act(withValues(action, { [name]: value })),
  };
}

/** Focuses the control, or selects its content, when it appears, if its widget says so. */
function useFocus<Control extends HTMLInputElement | HTMLTextAreaElement>(node: WidgetNode) {
  const control = useRef<Control>(null);
  const { autoFocus, autoSelect } = node;
  useLayoutEffect(() => {
    if (autoFocus) control.current?.focus();
    if (autoSelect) control.current?.select();
  }, [autoFocus, autoSelect]);
  return control;
}

export function Input({ node }: Member) {
  return (
    <input
      {...useField(node).props}
      ref={useFocus<HTMLInputElement>(node)}
      className="field"
      type={text(node, "inputType") || "text"}
      defaultValue={text(node, "defaultValue")}
      placeholder={maybe(node, "placeholder")}
      required={node.required === true}
      pattern={maybe(node, "pattern")}
      autoComplete="off"
    />
  );
}

const TEXTAREA_ROWS = 3;

export function Textarea({ node }: Member) {
  return (
    <textarea
      {...useField(node).props}
      ref={useFocus<HTMLTextAreaElement>(node)}
      className="field"
      rows={typeof node.rows === "number" ? node.rows : TEXTAREA_ROWS}
      defaultValue={text(node, "defaultValue")}
      placeholder={maybe(node, "placeholder")}
      required={node.required === true}
    />
  );
}

export function Select({ node }: Member) {
  const { props, changed } = useField(node);
  const chosen = text(node, "defaultValue");
  const options = (node.options as Option[] | undefined) ?? [];
  return (
    <span className="select">
      <select
        {...props}
        className="field"
        defaultValue={chosen}
        required={node.required === true}
        onChange={(event) => changed(event.target.value)}
      >
        {(!chosen || node.clearable === true) && (
          <option value="">{text(node, "placeholder") || "Select…"}</option>
        )}
        {options.map(({ value, label, disabled = false, description }) => (
          <option key={value} value={value} disabled={disabled}>
            {description ? `${label} – ${description}` : label}
          </option>
        ))}
      </select>
      <ChatIcon name="chevron-down" size={14} />
    </span>
  );
}

/** The browser's own date picker. It sends the start of the day in the browser's time zone. */
export function DatePicker({ node }: Member) {
  const { props, changed } = useField(node);
  const { name, ...control } = props;
  const [instant, setInstant] = useState(() => withOffset(text(node, "defaultValue")));
  return (
    <>
      <input
        {...control}
        className="field"
        type="date"
        defaultValue={dayOf(instant)}
        min={dayOf(text(node, "min")) || undefined}
        max={dayOf(text(node, "max")) || undefined}
        required={node.required === true}
        onChange={(event) => {
          const chosen = withOffset(event.target.value);
          setInstant(chosen);
          changed(chosen);
        }}
      />
      <input type="hidden" name={name} value={instant} disabled={props.disabled} />
    </>
  );
}

export function Checkbox({ node }: Member) {
  const { props, changed } = useField(node);
  const label = text(node, "label");
  return (
    <span className="choice">
      <input
        {...props}
        type="checkbox"
        defaultChecked={node.defaultChecked === true}
        required={node.required === true}
        onChange={(event) => changed(event.target.checked)}
      />
      {label && <label htmlFor={props.id}>{label}</label>}
    </span>
  );
}

export function RadioGroup({ node }: Member) {
  const { props, changed } = useField(node);
  const options = (node.options as Option[] | undefined) ?? [];
  return (
    <div
      className="choices"
      role="radiogroup"
      aria-label={props["aria-label"]}
      aria-labelledby={props["aria-label"] ? undefined : labelId(props.id)}
      data-direction={text(node, "direction") || "row"}
    >
      {options.map(({ value, label, disabled = false }) => (
        <label key={value} className="choice">
          <input
            type="radio"
            name={props.name}
            value={value}
            disabled={props.disabled || disabled}
            defaultChecked={node.defaultValue === value}
            required={node.required === true}
            onChange={() => changed(value)}
          />{" "}
          {label}
        </label>
      ))}
    </div>
  );
}

export function Label({ node }: Member) {
  const field = useWidget().fieldId(text(node, "fieldName"));
  return (
    <label
      id={labelId(field)}
      className="field-label"
      htmlFor={field}
      data-weight={maybe(node, "weight")}
      data-color={maybe(node, "color")}
    >
      {text(node, "value")}
    </label>
  );
}
