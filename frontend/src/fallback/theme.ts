import type { ChatKitOptions } from "@openai/chatkit";
import type { CSSProperties } from "react";

const LIGHT_TEXT = "#ffffff";
const DARK_TEXT = "#0d1f1a";
/** On colours with this luminance or more, dark text is easier to read than white text. */
const LIGHT_FROM = 0.18;

/** The theme option as attributes and custom properties for the style sheet. */
export function readTheme(option: ChatKitOptions["theme"]) {
  const theme = typeof option === "string" ? { colorScheme: option } : (option ?? {});
  const { colorScheme = "light", radius = "pill", density = "normal", color, typography } = theme;
  const accent = color?.accent?.primary;
  const surface = color?.surface;
  const style = {
    "--accent": accent,
    "--on-accent": accent && textOn(accent),
    "--surface": surface?.background,
    "--raised": surface?.foreground,
    fontFamily: typography?.fontFamily,
    fontSize: typography?.baseSize,
  } as CSSProperties;
  return {
    attributes: { "data-scheme": colorScheme, "data-radius": radius, "data-density": density },
    style,
  };
}

/** Black or white text for a colour in the form `#rrggbb`. Undefined for other notations. */
function textOn(color: string): string | undefined {
  const parts = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(color)?.slice(1);
  if (!parts) return undefined;
  const [red = 0, green = 0, blue = 0] = parts.map((part) => linear(Number.parseInt(part, 16)));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > LIGHT_FROM ? DARK_TEXT : LIGHT_TEXT;
}

/** The linear value of an sRGB channel (0–255), by WCAG's definition of relative luminance. */
function linear(channel: number): number {
  const part = channel / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}
