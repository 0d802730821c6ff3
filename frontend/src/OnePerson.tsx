import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { ProblemError } from "./api/problem";
import { Toasts } from "./ui/toasts";

const MOST_RETRIES = 2;

/** What must never pass from one person to the next on the same page: the cache, and notices. */
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
        // `useTabSync` sees to it, for windows that get the focus as well as for tabs that are shown.
        refetchOnWindowFocus: false,
        retry: (failures, error) =>
          failures < MOST_RETRIES && !(error instanceof ProblemError && error.status < 500),
      },
      // A change made without a connection fails at once and in the open, and is taken back.
      mutations: { networkMode: "always" },
    },
  });
}
