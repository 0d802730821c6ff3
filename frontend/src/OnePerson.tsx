import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { ProblemError } from "./api/problem";
import { Toasts } from "./ui/toasts";

const MOST_RETRIES = 2;

/** Holds what must never pass from one person to the next: the cache, and the notices. */
export function OnePerson({ children }: { children: ReactNode }) {
  const [queries] = useState(createQueries);
  return (
    <QueryClientProvider client={queries}>
      <Toasts>{children}</Toasts>
    </QueryClientProvider>
  );
}

function createQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        // `useTabSync` does this, both when the window gets the focus and when the tab is shown.
        refetchOnWindowFocus: false,
        retry: (failures, error) =>
          failures < MOST_RETRIES && !(error instanceof ProblemError && error.status < 500),
      },
      // Without a connection, a change must fail at once and visibly, and be rolled back.
      mutations: { networkMode: "always" },
    },
  });
}
