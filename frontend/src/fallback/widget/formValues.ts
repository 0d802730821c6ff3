import type { ActionConfig } from "../protocol";

type Values = Record<string, unknown>;

/** What a form's controls hold, by name: a checkbox a boolean, everything else a text. */
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
 * The action with the values in its payload, where ChatKit puts them: `due.date` goes into the
 * object `due`, and a value of another type that is there already stays.
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
