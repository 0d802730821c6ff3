/** How people sign in. Read from `/config.json`, so that one build fits all deployments. */
export interface PageConfig {
  /** The OpenID Connect provider. Without one, the page offers the developer sign-in. */
  oidc: OidcConfig | undefined;
}

export interface OidcConfig {
  issuer: string;
  client_id: string;
  /** Default `openid email`. */
  scope?: string;
}

/** Reads the configuration. Without the file, there is no provider. */
export async function loadConfig(): Promise<PageConfig> {
  const response = await fetch("/config.json", { cache: "no-cache" });
  const isJson = response.headers.get("content-type")?.includes("json") === true;
  if (!response.ok || !isJson) return { oidc: undefined };
  const { oidc } = (await response.json()) as { oidc?: Partial<OidcConfig> | null };
  if (!oidc?.issuer || !oidc.client_id) return { oidc: undefined };
  return { oidc: oidc as OidcConfig };
}
