import type { CSSProperties } from "react";
import type { ActionConfig, WidgetNode } from "../protocol";

/** Reads a widget's members, which are JSON of any shape. */

export function childrenOf(node: WidgetNode): WidgetNode[] {
  return Array.isArray(node.children) ? node.children : node.children ? [node.children] : [];
}

export function text(node: WidgetNode, member: string): string {
  const value = node[member];
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** A text, or undefined if it is empty, for attributes that must then be missing. */
export function maybe(node: WidgetNode, member: string): string | undefined {
  return text(node, member) || undefined;
}

export function readAction(value: unknown): ActionConfig | undefined {
  const action = value as ActionConfig | null | undefined;
  return typeof action?.type === "string" ? action : undefined;
}

export function readCardAction(
  value: unknown,
): { label: string; action: ActionConfig } | undefined {
  const given = value as { label?: string; action?: unknown } | null | undefined;
  const action = readAction(given?.action);
  return given?.label && action ? { label: given.label, action } : undefined;
}

const UNIT_PX = 4;

/** A length. Numbers are ChatKit's spacing units. Of CSS, only simple lengths are accepted. */
export function length(value: unknown): string | number | undefined {
  if (typeof value === "number") return value * UNIT_PX;
  return typeof value === "string" && /^[\d.]+(px|rem|em|%)$/.test(value) ? value : undefined;
}

const ALIGN: Record<string, string> = { start: "flex-start", end: "flex-end" };
const JUSTIFY: Record<string, string> = {
  ...ALIGN,
  between: "space-between",
  around: "space-around",
  evenly: "space-evenly",
};

/** The layout of a box. Numbers are pixels for its size, and spacing units for gap and padding. */
export function boxStyle(node: WidgetNode, defaultGap: number): CSSProperties {
  const { flex, width, minWidth, maxWidth } = node;
  const align = text(node, "align");
  const justify = text(node, "justify");
  return {
    gap: length(node.gap) ?? defaultGap,
    padding: length(node.padding),
    flex: typeof flex === "number" || typeof flex === "string" ? flex : undefined,
    flexWrap: node.wrap === "wrap" ? "wrap" : undefined,
    width: size(width),
    minWidth: size(minWidth),
    maxWidth: size(maxWidth),
    alignItems: align ? (ALIGN[align] ?? align) : undefined,
    justifyContent: justify ? (JUSTIFY[justify] ?? justify) : undefined,
  };
}

function size(value: unknown): string | number | undefined {
  return typeof value === "number" ? value : length(value);
}
