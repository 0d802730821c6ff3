/** Receives reports from requests about the connection. See `useConnectionStatus`. */
export interface ConnectionReporter {
  succeeded(): void;
  failed(): void;
}

export interface SendOptions {
  fetch?: typeof fetch;
  /** A bearer token. Without one, the browser's cookie `auth_token` identifies the person. */
  bearer?: () => string | undefined;
  /** Renews the session after a 401. Resolves to whether that succeeded. */
  renew?: () => Promise<boolean>;
  connection?: ConnectionReporter;
}

export type SendInit = Omit<RequestInit, "body"> & { body?: string | undefined };

export type Send = (url: string, init?: SendInit) => Promise<Response>;

/**
 * A `fetch` that adds what every request to our backend needs: the person, their time zone, and the
 * body's SHA-256, which CloudFront's signature needs. After a 401 it renews the session and repeats
 * the request once.
 */
export function createSend(options: SendOptions = {}): Send {
  const { bearer, renew, connection } = options;
  return async (url, init = {}) => {
    const base = await baseHeaders(init);
    const attempt = async (): Promise<Response> => {
      const headers = new Headers(base);
      const token = bearer?.();
      if (token) headers.set("Authorization", `Bearer ${token}`);
      try {
        const response = await (options.fetch ?? fetch)(url, { ...init, headers } as RequestInit);
        if (isGatewayFailure(response.status)) connection?.failed();
        else connection?.succeeded();
        return response;
      } catch (error) {
        if (!init.signal?.aborted) connection?.failed();
        throw error;
      }
    };
    const response = await attempt();
    if (response.status !== 401 || !renew || !(await renew())) return response;
    return attempt();
  };
}

async function baseHeaders(init: SendInit): Promise<Headers> {
  const headers = new Headers(init.headers);
  headers.set("X-Timezone", Intl.DateTimeFormat().resolvedOptions().timeZone);
  if (init.body === undefined) return headers;
  if (!headers.has("Content-Type")) headers.set("Content-Type", "application/json");
  const hash = await sha256(init.body);
  if (hash) headers.set("x-amz-content-sha256", hash);
  return headers;
}

/** The hex SHA-256. Undefined if the page came over plain HTTP from a host other than localhost. */
async function sha256(body: string): Promise<string | undefined> {
  if (!globalThis.crypto?.subtle) return undefined;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(body));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A proxy reports that it cannot reach the backend, which is the same as no connection. */
function isGatewayFailure(status: number): boolean {
  return status === 502 || status === 504;
}
