import { defineConfig } from "vitest/config";

// What is about one of the two elements: the stand-in of OpenAI's, and OpenAI's own.
const OF_THE_OTHER =
  process.env.E2E_ELEMENT === "chatkit" ? "e2e/chatkit.test.ts" : "e2e/element.test.ts";

// Stories in a real browser, against the real server. Two files at once: each waits for clocks and
// answers most of its time, and its people are its own.
export default defineConfig({
  test: {
    include: ["e2e/**/*.test.ts"],
    exclude: [OF_THE_OTHER],
    globalSetup: ["e2e/support/globalSetup.ts"],
    maxWorkers: 2,
    // What is waited for comes at once on a quiet machine, and late on a busy one.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 15_000 } },
    retry: 0,
  },
});
