import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const ROOT = join(import.meta.dirname, "../../..");
const PYTHON = join(ROOT, ".venv/bin/python");
const UP_WITHIN_MS = 90_000;

/** Postgres and the demo model, on which any number of servers can be started. */
export interface Ground {
  databaseUrl: string;
  modelUrl: string;
}

export async function startGround(): Promise<Ground & { stop: () => Promise<void> }> {
  const home = await mkdtemp(join(tmpdir(), "e2e-"));
  const postgres = run([join(import.meta.dirname, "postgres.py"), join(home, "pg")]);
  const databaseUrl = await firstLine(postgres);
  const port = await freePort();
  const pace = ["--first-token-seconds", "0.3", "--word-seconds", "0.08"];
  const model = run(["-m", "local.demo_model", "--port", String(port), ...pace]);
  await answers(`http://127.0.0.1:${port}/healthz`);
  return {
    databaseUrl,
    modelUrl: `http://127.0.0.1:${port}/v1`,
    async stop() {
      model.kill();
      postgres.stdin?.end();
      await Promise.all([ended(model), ended(postgres)]);
      await rm(home, { recursive: true, force: true });
    },
  };
}

export interface Server {
  url: string;
  kill: () => Promise<void>;
  stop: () => Promise<void>;
}

/** The system as `make dev` serves it, on the given ground. */
export async function startServer(
  ground: Ground,
  environment: Record<string, string> = {},
  onPort?: number,
): Promise<Server> {
  const port = onPort ?? (await freePort());
  const child = run(["-m", "local"], {
    PORT: String(port),
    DATABASE_URL: ground.databaseUrl,
    GEMINI_BASE_URL: ground.modelUrl,
    GEMINI_MODEL: "demo",
    MESSAGES_PER_MINUTE: "1000",
    MESSAGES_PER_DAY: "10000",
    RUNS_PER_PERSON: "1000",
    FOLLOWERS_PER_PERSON: "1000",
    ...environment,
  });
  const url = `http://127.0.0.1:${port}`;
  await answers(`${url}/readyz`).catch((error) => {
    child.kill("SIGKILL");
    throw error;
  });
  return {
    url,
    async kill() {
      child.kill("SIGKILL");
      await ended(child);
    },
    async stop() {
      child.kill("SIGTERM");
      await ended(child);
    },
  };
}

/**
 * Keeps everybody from changing tasks, so that a tool stays at work. Call what is returned to end it.
 */
export async function lockTasks(databaseUrl: string): Promise<() => Promise<void>> {
  const lock = 'db.execute("lock table tasks in exclusive mode")';
  const child = onDatabase(databaseUrl, `${lock}\nprint("locked", flush=True)\ninput()`);
  await firstLine(child);
  return async () => {
    child.stdin?.end("\n");
    await ended(child);
  };
}

/** Runs Python with a connection to the database as `db`; resolves when it has ended. */
export async function withDatabase(databaseUrl: string, code: string): Promise<void> {
  const child = onDatabase(databaseUrl, code);
  if ((await ended(child)) !== 0) throw new Error("The statements failed");
}

function onDatabase(databaseUrl: string, code: string): ChildProcess {
  const script = `import psycopg\nwith psycopg.connect(${JSON.stringify(databaseUrl)}) as db:\n`;
  return run(["-c", script + code.replace(/^/gm, "    ")]);
}

function run(args: string[], environment: Record<string, string> = {}): ChildProcess {
  return spawn(PYTHON, args, {
    cwd: ROOT,
    env: { ...process.env, PYTHONPATH: ROOT, ...environment },
    stdio: ["pipe", "pipe", "inherit"],
  });
}

function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once("exit", resolve));
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.once("data", (data) => resolve(String(data).trim()));
    child.once("exit", () => reject(new Error("It ended without a word")));
  });
}

async function answers(url: string): Promise<void> {
  const giveUpAt = Date.now() + UP_WITHIN_MS;
  for (;;) {
    const isUp = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (isUp) return;
    if (Date.now() > giveUpAt) throw new Error(`${url} does not answer`);
    await new Promise((resume) => setTimeout(resume, 100));
  }
}

/**
 * A port on which nothing listens, below those that connections get. Of two workers, one has the
 * even ports and one the odd: neither takes the other's before its server listens there.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + 2 * randomInt(11_000) + (Number(process.env.VITEST_POOL_ID ?? 0) % 2);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
      .once("error", () => resolve(false))
      .listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}
