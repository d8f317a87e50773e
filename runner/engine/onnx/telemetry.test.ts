import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findBestSandbox } from "../../sandbox/detect-sandboxes.ts";
import { findProgram } from "../../sandbox/find-program.ts";

const run = promisify(execFile);
const GLYPHS = fileURLToPath(new URL("../../../e2e/fixtures/glyphs/", import.meta.url));
const at = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);

/**
 * How long the process is watched after its run: with telemetry on, ONNX Runtime 1.30.0 speaks up after 9 seconds. In
 * bubblewrap, where it cannot, only what it does at once is looked for.
 */
const WATCHED_MS = { none: 11_000, bwrap: 0 } as const;

/** Loads a model at a level, runs it, and gives a sender time to send. */
const PROGRAM = `
  const { ModelManifest } = await import("@infernet/schemas/model");
  const { createOnnxEngine } = await import(${at("./onnx-engine.ts")});
  const { createBwrapSandbox } = await import(${at("../../sandbox/bwrap-sandbox.ts")});
  const { plainSandbox } = await import(${at("../../sandbox/plain-sandbox.ts")});
  const [, level, bwrap, watched_ms] = process.argv;
  const { arch } = process;
  const sandbox = level === "none" ? plainSandbox : createBwrapSandbox({ bwrap, arch, node_data_bytes: 2 ** 31 });
  const manifest = ModelManifest.parse({
    engine: "onnx",
    entry: "model.onnx",
    files: [{ path: "model.onnx", sha256: "0".repeat(64), bytes: 1 }],
    inputs: [{ name: "images", datatype: "FP32", shape: [null, 1, 28, 28] }],
    outputs: [{ name: "logits", datatype: "FP32", shape: [null, 35] }],
  });
  const engine = await createOnnxEngine({ sandbox, threads: 1 });
  const session = await engine.load(manifest, ${JSON.stringify(GLYPHS)});
  const images = { name: "images", datatype: "UINT8", shape: [1, 1, 28, 28], data: new Uint8Array(784) };
  const { outputs } = await session.run([images], 1, { timeout_ms: 60_000, signal: new AbortController().signal });
  await new Promise((resolve) => setTimeout(resolve, Number(watched_ms)));
  await session.close();
  console.log(outputs.length);
`;

const strace = findProgram("strace");
if (strace === null) console.warn("skipped: without strace nobody sees what the runtime asks of the network");
const { best } = await findBestSandbox();
if (best.level !== "bwrap") console.warn("skipped: bubblewrap is not usable here");

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "infernet-telemetry-"));
});
afterAll(() => rm(home, { recursive: true, force: true }));

async function trace(level: keyof typeof WATCHED_MS): Promise<string> {
  const log = join(home, `..`, `infernet-telemetry-${process.pid}-${level}.log`);
  const node = [
    process.execPath,
    "--input-type=module",
    "-e",
    PROGRAM,
    level,
    findProgram("bwrap") ?? "",
    String(WATCHED_MS[level]),
  ];
  try {
    const args = ["-f", "-e", "trace=network", "-o", log, ...node];
    const { stdout } = await run(strace as string, args, {
      cwd: fileURLToPath(new URL(".", import.meta.url)),
      env: { ...process.env, HOME: home, XDG_CACHE_HOME: home },
    });
    expect(stdout.trim()).toBe("1");
    return await readFile(log, "utf8");
  } finally {
    await rm(log, { force: true });
  }
}

describe.each(["none", "bwrap"] as const)("ONNX Runtime at the sandbox level '%s'", (level) => {
  it.skipIf(strace === null || (level === "bwrap" && best.level !== "bwrap"))(
    "is told nothing of a network, and leaves nothing behind, while it loads and runs a model",
    { timeout: 60_000 },
    async () => {
      const calls = (await trace(level)).split("\n");
      // The channel to the child shows that the trace sees calls at all.
      expect(calls.some((call) => call.includes("socketpair(AF_UNIX"))).toBe(true);
      // Over netlink bubblewrap gives its namespace a loopback; resolvers ask it for addresses.
      const ofNetwork = level === "none" ? /AF_INET|AF_NETLINK|connect\(/ : /AF_INET|connect\(/;
      expect(calls.filter((call) => ofNetwork.test(call))).toEqual([]);
      expect(await readdir(home)).toEqual([]);
    },
  );
});
