import type { TestProject } from "vitest/node";
import { type Ground, startGround, startServer } from "./system";

declare module "vitest" {
  interface ProvidedContext {
    ground: Ground;
    url: string;
  }
}

/** One database, one demo model and one server for all stories. */
export default async function setup(project: TestProject) {
  const { stop, ...ground } = await startGround();
  const server = await startServer(ground);
  project.provide("ground", ground);
  project.provide("url", server.url);
  return async () => {
    await server.stop();
    await stop();
  };
}
