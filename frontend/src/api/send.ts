/** Where requests tell how the connection does; see `useConnectionStatus`. */
export interface ConnectionReporter {
  succeeded(): void;
  failed(): void;
}

export interface SendOptions {
  fetch?: typeof fetch;
  /** A bearer token. Without it the browser's cookie `auth_token` speaks for the person. */
  bearer?: () => string | undefined;
  /** Makes a new session after a 401, and says whether it could. */
  renew?: () => Promise<boolean>;
  connection?: ConnectionReporter;
}

export type SendInit = Omit<RequestInit, "body"> & { body?: string | undefined };

export type Send = (url: string, init?: SendInit) => Promise<Response>;

/**
 * A `fetch` that carries what every request to our backend needs: who asks, their time zone, and
 * the body's SHA-256, which CloudFront's signature needs. A 401 is renewed and repeated once.
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

/** Hex SHA-256; nothing where the page is served over plain HTTP by a name that is not localhost. */
async function sha256(body: string): Promise<string | undefined> {
  if (!globalThis.crypto?.subtle) return undefined;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(body));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A proxy in front says that there is nothing behind it: the same as no connection. */
function isGatewayFailure(status: number): boolean {
  return status === 502 || status === 504;
}
