import { defineConfig } from "vitest/config";

// The page's times in a real browser; `python -m tests.benchmarks.browser` runs it and keeps them.
export default defineConfig({
  test: {
    include: ["benchmark/**/*.bench.ts"],
    globalSetup: ["e2e/support/globalSetup.ts"],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 120_000,
    retry: 0,
  },
});
