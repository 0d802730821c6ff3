import { InMemoryWebStorage, UserManager, WebStorageStateStore } from "oidc-client-ts";
import type { OidcConfig } from "./config";
import type { Identity } from "./identity";

/**
 * Sign-in with an OpenID Connect provider: authorization code with PKCE. The backend gets the id
 * token, because it is meant for this client and has the email address.
 *
 * Tokens are only kept in memory, never in storage that any script can read. A reload loses them,
 * but not the session, which is in the cookie.
 */
export function createOidcIdentity(config: OidcConfig): Identity {
  const home = `${location.origin}/`;
  const manager = new UserManager({
    authority: config.issuer,
    client_id: config.client_id,
    redirect_uri: home,
    scope: config.scope ?? "openid email",
    automaticSilentRenew: false,
    userStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
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
      // Without a refresh token this would need a hidden frame, which gets no cookies in browsers
      // now.
      const user = await manager.getUser();
      return user?.refresh_token ? (await manager.signinSilent())?.id_token : undefined;
    },
    async signOut() {
      const token = (await manager.getUser())?.id_token;
      await manager.removeUser();
      if (!(await manager.metadataService.getEndSessionEndpoint())) return;
      await manager.signoutRedirect({
        post_logout_redirect_uri: home,
        ...(token ? { id_token_hint: token } : {}),
        // Cognito has its own parameter for the return URL, and needs the client id besides a
        // token.
        extraQueryParams: { logout_uri: home, ...(token ? { client_id: config.client_id } : {}) },
      });
    },
  };
}
