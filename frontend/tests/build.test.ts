import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { budgets } from "../budgets.ts";

const root = join(import.meta.dirname, "..");
const built = mkdtempSync(join(tmpdir(), "page-"));
const LIMIT_BYTES = 150 * 1024;

beforeAll(() => {
  const vite = join(root, "node_modules/vite/bin/vite.js");
  const options = ["build", "--outDir", built, "--emptyOutDir", "--logLevel", "error"];
  const env = { ...process.env, NODE_ENV: "production" };
  execFileSync(process.execPath, [vite, ...options], { cwd: root, env });
}, 60_000);
afterAll(() => rmSync(built, { recursive: true }));

const scripts = () => readdirSync(join(built, "assets")).filter((name) => name.endsWith(".js"));
const text = (name: string) => readFileSync(join(built, "assets", name), "utf8");

describe("the built page", () => {
  it("has less than 150 KB of JavaScript, gzipped, without the fallback", () => {
    const counted = scripts().filter((name) => !name.startsWith("fallback"));
    const bytes = counted.reduce((sum, name) => sum + gzipSync(text(name)).length, 0);
    expect(bytes).toBeLessThan(LIMIT_BYTES);
  });

  it.each([
    ["index-1.js", 200_000, /before the chat can be used: \d+ bytes gzipped/],
    ["other-1.js", 10, /is in no budget/],
  ])("is not built when a part of it is over its budget: %s", (name, size, words) => {
    const code = randomBytes(size).toString("base64");
    const build = budgets().generateBundle as (this: object, _: object, bundle: object) => void;
    const error = (reason: string) => {
      throw new Error(reason);
    };
    const bundle = { [`assets/${name}`]: { type: "chunk", code } };
    expect(() => build.call({ error }, {}, bundle)).toThrow(words);
  });

  it("keeps the fallback in a bundle that nothing loads beforehand", () => {
    const page = readFileSync(join(built, "index.html"), "utf8");
    expect(scripts().filter((name) => name.startsWith("fallback"))).toHaveLength(1);
    expect(page).not.toContain("fallback");
  });

  it("opens no socket of its own: what streams is an HTTP response", () => {
    for (const name of scripts()) expect(text(name)).not.toContain(["Web", "Socket"].join(""));
  });

  it("embeds the chat with a component of about fifty lines", () => {
    const source = readFileSync(join(root, "src/chat/TaskChat.tsx"), "utf8");
    const body = source.slice(source.indexOf("export function TaskChat"));
    expect(body.trimEnd().split("\n").length).toBeLessThanOrEqual(55);
  });
});
