import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { ModelManifest } from "@infernet/schemas/model";
import { viewElements } from "@infernet/schemas/tensor-elements";
import { afterAll, describe, expect, it } from "vitest";
import { entryPath } from "../../entry-path.ts";
import { helloFrame } from "./frame.ts";
import { createFrameChannel } from "./frame-channel.ts";
import { runBatches } from "./run-batches.ts";
import { rowsOfTwo } from "./testing/test-image.ts";

const PAGE = new URL("../../../docs/containers.md", import.meta.url);
const python = spawnSync("python3", ["--version"]).status === 0 ? null : "there is no python3";
const dir = await mkdtemp(join(tmpdir(), "infernet-examples-"));
const running: ChildProcessByStdio<Writable, Readable, null>[] = [];
afterAll(() => rm(dir, { recursive: true, force: true }));

const page = await readFile(PAGE, "utf8");
const [overStdio = "", overHttp = ""] = [...page.matchAll(/```python\n(.*?)```/gs)].map(([, code]) => code);
const [json = "{}"] = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, code]) => code);

function start(program: string, args: string[]): ChildProcessByStdio<Writable, Readable, null> {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  running.push(child);
  return child;
}

async function doubled({ stdin, stdout }: { stdin: Writable; stdout: Readable }): Promise<number[]> {
  const channel = createFrameChannel(stdin, stdout);
  const { inputs, outputs, batch } = manifest();
  expect(await channel.exchange(helloFrame(inputs, outputs))).toEqual({ kind: "ready" });
  const run = await runBatches(channel, { inputs, outputs, batch }, rowsOfTwo(300), 300, () => false);
  return [...viewElements("FP32", run?.outputs[0]?.data ?? new Uint8Array())];
}

/** That of the page, with digests that are whole. */
const manifest = (): ModelManifest =>
  ModelManifest.parse(JSON.parse(json.replaceAll(/"[0-9a-f]{4}…"/g, `"${"0".repeat(64)}"`)));

const doubles = [...Float32Array.from({ length: 600 }, (_, i) => Math.fround(i / 7) * 2)];

describe.skipIf(python)(`the programs of docs/containers.md${python ? ` (skipped: ${python})` : ""}`, () => {
  it("answer frames on standard input, and end with it", async () => {
    await writeFile(join(dir, "rows.py"), overStdio);
    const program = start("python3", ["-u", join(dir, "rows.py")]);
    expect(await doubled(program)).toEqual(doubles);
    program.stdin.end();
    expect(await new Promise((resolve) => program.once("exit", resolve))).toBe(0);
  });

  it("answer frames on a port, through what is put in a container to reach it", async () => {
    await writeFile(
      join(dir, "serve.py"),
      overHttp
        .replace("8080", "0")
        .replace("HTTPServer((", "server = HTTPServer((")
        .replace(").serve_forever()", ")\nprint(server.server_port, flush=True)\nserver.serve_forever()"),
    );
    const server = spawn("python3", ["-u", join(dir, "serve.py")], { stdio: ["ignore", "pipe", "ignore"] });
    try {
      const port = String(await new Promise((resolve) => server.stdout.once("data", resolve))).trim();
      const relay = start(process.execPath, [entryPath("engine/oci/http-relay"), port, "/rows", "1000000"]);
      expect(await doubled(relay)).toEqual(doubles);
      relay.stdin.end();
      expect(await new Promise((resolve) => relay.once("exit", resolve))).toBe(0);
    } finally {
      server.kill("SIGKILL");
    }
  });
});
