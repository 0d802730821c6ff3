import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Between page and server, a network that can go silent in the middle of an answer. */
export async function startProxy(target: string) {
  let silent = false;
  const server = createServer((incoming, outgoing) => {
    forward(target, incoming, outgoing, () => silent);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    /** Answers of the chat that are on their way get no further; everything else does. */
    set silent(now: boolean) {
      silent = now;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function forward(
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  isSilent: () => boolean,
): void {
  const { hostname, port } = new URL(target);
  const { method, url: path, headers } = incoming;
  const sent = request({ hostname, port, method, path, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    const isStream = answer.headers["content-type"]?.startsWith("text/event-stream");
    let stalled = false;
    answer.on("data", (chunk) => {
      stalled ||= Boolean(isStream) && isSilent();
      if (!stalled) outgoing.write(chunk);
    });
    answer.on("end", () => {
      if (!stalled) outgoing.end();
    });
  });
  sent.on("error", () => outgoing.destroy());
  outgoing.on("close", () => sent.destroy());
  incoming.pipe(sent);
}
