import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { budgets } from "./budgets.ts";

// `vite` alone serves the page with reloading; API and chat come from `make dev`.
const backend = "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react(), budgets()],
  server: { proxy: { "/api": backend, "/healthz": backend } },
  build: {
    target: "es2022",
    chunkSizeWarningLimit: 400,
    rolldownOptions: {
      output: {
        chunkFileNames: ({ name }) => `assets/${name}-[hash].js`,
      },
    },
  },
  test: {
    environment: "happy-dom",
    include: ["tests/**/*.test.{ts,tsx}"],
    setupFiles: ["tests/setup.ts"],
    restoreMocks: true,
    env: { TZ: "Europe/Berlin" },
  },
});
