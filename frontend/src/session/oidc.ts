import { UserManager } from "oidc-client-ts";
import type { OidcConfig } from "./config";
import type { Identity } from "./identity";

/**
 * Sign-in by an OpenID Connect provider: authorization code with PKCE. The id token is what the
 * backend gets, since it is meant for this client and has the e-mail address in it.
 */
export function createOidcIdentity(config: OidcConfig): Identity {
  const manager = new UserManager({
    authority: config.issuer,
    client_id: config.client_id,
    redirect_uri: `${location.origin}/`,
    scope: config.scope ?? "openid email",
    automaticSilentRenew: false,
  });

  return {
    asks: "provider",
    async signIn(_, keepPage) {
      if (keepPage) return (await manager.signinPopup()).id_token;
      await manager.signinRedirect();
      return undefined;
    },
    async finish() {
      const parameters = new URLSearchParams(location.search);
      if (!parameters.has("state") || !(parameters.has("code") || parameters.has("error"))) {
        return undefined;
      }
      try {
        return (await manager.signinCallback())?.id_token;
      } finally {
        history.replaceState(null, "", location.pathname);
      }
    },
    async renew() {
      // Without a refresh token this would need a hidden frame, which browsers now starve of cookies.
      const user = await manager.getUser();
      return user?.refresh_token ? (await manager.signinSilent())?.id_token : undefined;
    },
    async signOut() {
      const endpoint = await manager.metadataService.getEndSessionEndpoint().catch(() => undefined);
      if (endpoint) await manager.signoutRedirect({ post_logout_redirect_uri: location.origin });
      else await manager.removeUser();
    },
  };
}
