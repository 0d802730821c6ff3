import type { ComponentProps } from "react";
import { Icon } from "./icons";

/** A native select with our own chevron. */
export function Select(props: ComponentProps<"select">) {
  return (
    <span className="select-box">
      <select {...props} />
      <Icon name="chevronDown" size={14} />
    </span>
  );
}
