import { InMemoryWebStorage, UserManager, WebStorageStateStore } from "oidc-client-ts";
import type { OidcConfig } from "./config";
import type { Identity } from "./identity";

/**
 * Sign-in by an OpenID Connect provider: authorization code with PKCE. The id token is what the
 * backend gets, since it is meant for this client and has the e-mail address in it.
 *
 * Tokens are kept in memory alone: no storage that any script can read has them. A reload loses
 * them and not the session, which is the cookie's.
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
      // Without a refresh token this would need a hidden frame, which browsers now starve of cookies.
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
        // What Cognito asks for: its own name for the way back, and the client beside a token, too.
        extraQueryParams: { logout_uri: home, ...(token ? { client_id: config.client_id } : {}) },
      });
    },
  };
}
