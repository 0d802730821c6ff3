import type { ActionConfig } from "../protocol";

type Values = Record<string, unknown>;

/** The values of a form's controls by name: a boolean for a checkbox, otherwise a text. */
export function readForm(form: HTMLFormElement): Values {
  const values: Values = {};
  for (const control of form.elements) {
    const { name, disabled } = control as HTMLInputElement;
    if (!name || disabled) continue;
    if (control instanceof HTMLInputElement && control.type === "checkbox") {
      values[name] = control.checked;
    } else if (control instanceof HTMLInputElement && control.type === "radio") {
      if (control.checked) values[name] = control.value;
    } else {
      values[name] = (control as HTMLInputElement).value;
    }
  }
  return values;
}

/**
 * The action with the values in its payload, as ChatKit adds them: `due.date` goes into the object
 * `due`. An existing value of a different type is not overwritten.
 */
export function withValues(action: ActionConfig, values: Values): ActionConfig {
  const payload = structuredClone(action.payload ?? {});
  for (const [name, value] of Object.entries(values)) put(payload, name.split("."), value);
  return { ...action, payload };
}

function put(target: Values, [key = "", ...rest]: string[], value: unknown): void {
  const there = target[key];
  if (rest.length === 0) {
    if (there === undefined || there === null || typeof there === typeof value) target[key] = value;
  } else if (there === undefined || there === null) {
    const made: Values = {};
    target[key] = made;
    put(made, rest, value);
  } else if (typeof there === "object" && !Array.isArray(there)) {
    put(there as Values, rest, value);
  }
}
