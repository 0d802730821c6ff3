import { readFileSync } from "node:fs";
import type { ThemeOption } from "@openai/chatkit";
import { describe, expect, it } from "vitest";
import { appearance } from "../src/chat/appearance";

const css = readFileSync("src/styles/base.css", "utf8");
const [light = "", dark = ""] = css.split(':root[data-scheme="dark"]');

const token = (block: string, name: string) =>
  new RegExp(`--${name}: ([^;]+);`).exec(block)?.[1] ?? "";

describe("the chat's look", () => {
  it.each([
    ["light", light],
    ["dark", dark],
  ] as const)("has the page's %s colours", (scheme, block) => {
    const { color } = appearance(scheme, { model: "demo" }).theme as ThemeOption;
    expect(color?.accent?.primary).toBe(token(block, "accent"));
    expect(color?.surface).toEqual({
      background: token(block, "surface"),
      foreground: token(block, "surface-raised"),
    });
  });

  it("has the page's letters", () => {
    const { typography } = appearance("light", { model: "demo" }).theme as ThemeOption;
    const family = /font-family:\s*([^;]+);/.exec(light)?.[1] ?? "";
    expect(typography?.fontFamily).toBe(family.replace(/\s+/g, " "));
    expect(`${typography?.baseSize}px`).toBe(/font-size: ([^;]+);/.exec(light)?.[1]);
  });
});
