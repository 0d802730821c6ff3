import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { inject, onTestFinished } from "vitest";
import { startServer } from "./system";

/** So many pieces of an answer come through before it is held: its first words. */
const PIECES = 8;

export interface HeldSystem {
  url: string;
  /** Answers that begin from now on stop after their first words. */
  hold: () => void;
  /** What was held comes at once. */
  release: () => void;
}

/**
 * A server whose model can be held in the middle of an answer, so that a test has the time it needs
 * for what is to be done meanwhile. It ends with the test.
 */
export async function startHeldSystem(): Promise<HeldSystem> {
  const { databaseUrl, modelUrl } = inject("ground");
  const { hostname, port } = new URL(modelUrl);
  const waiting = new Set<() => void>();
  let held = false;

  const model = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const sent = request({ hostname, port, method, path: url, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      passOn(answer, outgoing).catch(() => outgoing.destroy());
    });
    sent.on("error", () => outgoing.destroy());
    outgoing.on("close", () => sent.destroy());
    incoming.pipe(sent);
  });

  async function passOn(answer: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const holds = held;
    let pieces = 0;
    let rest = "";
    for await (const text of answer.setEncoding("utf8")) {
      const parts = `${rest}${text}`.split(/(?<=\n\n)/);
      rest = parts.at(-1)?.endsWith("\n\n") ? "" : (parts.pop() ?? "");
      for (const piece of parts) {
        if (holds && held && ++pieces > PIECES) {
          await new Promise<void>((resume) => waiting.add(resume));
        }
        outgoing.write(piece);
      }
    }
    outgoing.end(rest);
  }

  await new Promise<void>((ready) => model.listen(0, "127.0.0.1", ready));
  const address = `http://127.0.0.1:${(model.address() as AddressInfo).port}`;
  const server = await startServer({ databaseUrl, modelUrl: `${address}/v1` });

  function release(): void {
    held = false;
    for (const resume of waiting) resume();
    waiting.clear();
  }

  onTestFinished(async () => {
    release();
    await server.stop();
    model.closeAllConnections();
    await new Promise((closed) => model.close(closed));
  });

  return {
    url: server.url,
    hold: () => {
      held = true;
    },
    release,
  };
}
