import { createHash, createHmac, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

const CLIENT = "taskchat-page";

/**
 * An OpenID Connect provider where everybody is Ada. It insists on PKCE, ends sessions as Cognito
 * does, and counts.
 */
export async function startProvider(secret: string) {
  const challenges = new Map<string, string>();
  const given: string[] = [];
  let renewals = 0;
  let logouts = 0;

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", issuer());
    response.setHeader("Access-Control-Allow-Origin", "*");
    if (url.pathname === "/authorize") {
      const code = randomUUID();
      challenges.set(code, url.searchParams.get("code_challenge") ?? "");
      const back = new URL(url.searchParams.get("redirect_uri") ?? "");
      back.searchParams.set("code", code);
      back.searchParams.set("state", url.searchParams.get("state") ?? "");
      response.writeHead(302, { Location: back.href }).end();
      return;
    }
    if (url.pathname === "/logout") {
      const back = url.searchParams.get("logout_uri") ?? "";
      const isKnown = url.searchParams.getAll("client_id").join() === CLIENT && back.endsWith("/");
      if (isKnown) logouts += 1;
      response.writeHead(isKnown ? 302 : 400, { Location: back }).end();
      return;
    }
    response.setHeader("Content-Type", "application/json");
    if (url.pathname === "/token") {
      const form = new URLSearchParams(await readBody(request));
      if (form.get("grant_type") === "refresh_token") renewals += 1;
      else if (!provesPossession(form, challenges)) response.statusCode = 400;
      response.end(response.statusCode === 400 ? '{"error":"invalid_grant"}' : tokens());
      return;
    }
    response.end(
      JSON.stringify({
        issuer: issuer(),
        authorization_endpoint: `${issuer()}/authorize`,
        token_endpoint: `${issuer()}/token`,
        end_session_endpoint: `${issuer()}/logout`,
        jwks_uri: `${issuer()}/keys`,
      }),
    );
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));

  function issuer(): string {
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  function tokens(): string {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: issuer(), aud: CLIENT, sub: "ada", email: "ada@example.com" };
    const made = {
      id_token: sign({ ...claims, iat: now, exp: now + 3600 }, secret),
      access_token: randomUUID(),
      refresh_token: randomUUID(),
    };
    given.push(...Object.values(made));
    return JSON.stringify({ ...made, token_type: "Bearer", expires_in: 3600 });
  }

  return {
    issuer: issuer(),
    client: CLIENT,
    /** Every token that it gave. */
    tokens: given,
    get renewals() {
      return renewals;
    },
    get logouts() {
      return logouts;
    },
    stop: () => new Promise((closed) => server.close(closed)),
  };
}

function provesPossession(form: URLSearchParams, challenges: Map<string, string>): boolean {
  const verifier = form.get("code_verifier") ?? "";
  const hash = createHash("sha256").update(verifier).digest("base64url");
  return verifier !== "" && challenges.get(form.get("code") ?? "") === hash;
}

function sign(claims: object, secret: string): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const unsigned = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  return `${unsigned}.${createHmac("sha256", secret).update(unsigned).digest("base64url")}`;
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += chunk;
  return body;
}
