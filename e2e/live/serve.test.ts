import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseServeOptions } from "@infernet/edge/host/serve-options";
import { Problem } from "@infernet/schemas/problem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAccount } from "../network/account.ts";
import { Cleanup } from "../network/cleanup.ts";
import { type EdgeProcess, startEdge } from "../network/edge-process.ts";
import { createTempFolder } from "../network/temp-folder.ts";
import { until } from "../network/until.ts";
import { tinyJob, uploadTinyModel } from "./tiny-job.ts";

const SERVE = fileURLToPath(new URL("../../edge/host/serve.ts", import.meta.url));
const cleanup = new Cleanup();
let edge: EdgeProcess;

const start = async (state: string, port?: number) => {
  const environment = { ALLOW_PRIVATE_WEBHOOKS: "" };
  const started = await startEdge({ state, environment, ...(port ? { port } : {}) });
  cleanup.add(started.program.kill);
  return started;
};
const serve = (...args: string[]) =>
  spawnSync(process.execPath, [SERVE, ...args], { encoding: "utf8", timeout: 20_000 });

const workerdOf = (state: string) => Number(readFileSync(join(state, "workerd.pid"), "utf8"));
const isRunning = (pid: number) => {
  try {
    // A killed process that nobody has waited for yet still has a pid, and no command.
    return readFileSync(`/proc/${pid}/cmdline`, "utf8") !== "";
  } catch {
    return false;
  }
};
const gone = (pid: number) => until(`the end of ${pid}`, () => (isRunning(pid) ? null : true));

beforeAll(async () => {
  const folder = createTempFolder();
  cleanup.add(folder.remove);
  edge = await start(folder.path);
});
afterAll(() => cleanup.run());

test("the keys are made at the first start, for the owner's eyes only", () => {
  for (const name of ["operator.key", "webhook.key"]) {
    expect(statSync(join(edge.state, name)).mode & 0o777).toBe(0o600);
  }
  expect(edge.operatorKey).toMatch(/^infop_[A-Za-z0-9_-]{43}$/);
});

test("a second server on the same state folder is refused", () => {
  const { status, stderr } = serve("--port", "0", "--state", edge.state);
  expect(status).toBe(1);
  expect(stderr).toContain(`Another server is running on ${edge.state}`);
});

test("a taken port is named", () => {
  const folder = createTempFolder();
  cleanup.add(folder.remove);
  const { status, stderr } = serve("--port", String(edge.port), "--state", folder.path);
  expect(status).toBe(1);
  expect(stderr).toContain(`Port ${edge.port} on 127.0.0.1 is taken`);
});

test("options it cannot use are a usage error with exit code 2 and the reason", () => {
  const { status, stderr } = serve("--port=x");
  expect({ status, stderr }).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("--port: is not a number"),
  });
});

test.each([
  ["--prot"],
  ["--port=70000"],
  ["--port=1.5"],
  ["--public-url=nowhere"],
  ["--state="],
  ["--peers=nobody"],
])("%s cannot be used", (arg) => {
  expect(() => parseServeOptions([arg])).toThrow();
});

test("webhooks to this machine are refused unless development asks for them", async () => {
  const client = await createAccount(edge, "serve");
  await uploadTinyModel(client);
  for (const url of ["http://example.com/", "https://127.0.0.1/", "https://[::1]/", "https://localhost/"]) {
    const { status, body } = await client.send("POST", "/jobs", tinyJob(1, { webhook: { url } }));
    expect({ status, code: Problem.parse(body).code }).toEqual({ status: 422, code: "webhook_refused" });
  }
});

test.skipIf(process.platform !== "linux")(
  "workerd ends with the server, even one that is killed",
  async () => {
    const workerd = workerdOf(edge.state);
    expect(isRunning(workerd)).toBe(true);
    process.kill(edge.program.pid, "SIGKILL");
    await edge.program.exited;
    await gone(workerd);
  },
);

test.skipIf(process.platform !== "linux")("a workerd left behind is stopped by the next start", async () => {
  const { operatorKey } = edge;
  edge = await start(edge.state, edge.port);
  const orphan = workerdOf(edge.state);
  const children = readFileSync(`/proc/${orphan}/task/${orphan}/children`, "utf8").trim().split(" ");
  for (const guard of children) process.kill(Number(guard), "SIGKILL");
  process.kill(edge.program.pid, "SIGKILL");
  await edge.program.exited;
  expect(isRunning(orphan)).toBe(true);

  edge = await start(edge.state, edge.port);
  expect(isRunning(orphan)).toBe(false);
  expect(workerdOf(edge.state)).not.toBe(orphan);
  expect(edge.operatorKey).toBe(operatorKey);
});

test("SIGTERM stops it in order", async () => {
  expect(await edge.program.stop()).toBe(0);
  expect(edge.program.lines.at(-1)).toMatchObject({ event: "stopped", reason: "SIGTERM" });
});
