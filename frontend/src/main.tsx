import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { ProblemError } from "./api/problem";
import { ConnectionMonitor, probeUrl } from "./chat/useConnectionStatus";
import { Toasts } from "./ui/toasts";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/board.css";
import "./styles/tasks.css";
import "./styles/overlays.css";

const MOST_RETRIES = 2;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // `useTabSync` sees to it, for windows that get the focus as well as for tabs that are shown.
      refetchOnWindowFocus: false,
      retry: (failures, error) =>
        failures < MOST_RETRIES && !(error instanceof ProblemError && error.status < 500),
    },
    // A change made without a connection fails at once and in the open, and is taken back.
    mutations: { networkMode: "always" },
  },
});
const connection = new ConnectionMonitor(probeUrl("/healthz"));
const root = document.getElementById("root");

if (root) {
  createRoot(root).render(
    <QueryClientProvider client={queries}>
      <Toasts>
        <App connection={connection} />
      </Toasts>
    </QueryClientProvider>,
  );
}
