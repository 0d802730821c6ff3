import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const KB = 1024;

/**
 * The most that the page may weigh, gzipped. The first is what is loaded before the chat can be
 * used, OpenAI's own script aside.
 */
export const BUDGETS: Readonly<Record<string, { files: RegExp; bytes: number }>> = {
  "JavaScript before the chat can be used": { files: /^assets\/index-.*\.js$/, bytes: 118 * KB },
  "style sheet": { files: /^assets\/index-.*\.css$/, bytes: 5 * KB },
  "sign-in by OpenID Connect": { files: /^assets\/oidc-.*\.js$/, bytes: 22 * KB },
  "fallback chat": { files: /^assets\/fallback-.*\.js$/, bytes: 24 * KB },
};

/** Fails the build where a part of the page is over its budget, or belongs to none. */
export function budgets(): Plugin {
  return {
    name: "budgets",
    apply: "build",
    generateBundle(_, bundle) {
      const spent = new Map<string, number>();
      for (const [name, file] of Object.entries(bundle)) {
        if (!/\.(js|css)$/.test(name)) continue;
        const part = Object.keys(BUDGETS).find((one) => BUDGETS[one]?.files.test(name));
        if (!part) return this.error(`${name} is in no budget: see budgets.ts`);
        const text = file.type === "chunk" ? file.code : file.source;
        spent.set(part, (spent.get(part) ?? 0) + gzipSync(text).length);
      }
      for (const [part, bytes] of spent) {
        const most = BUDGETS[part]?.bytes ?? 0;
        if (bytes > most) this.error(`${part}: ${bytes} bytes gzipped, ${most} at most`);
      }
    },
  };
}
