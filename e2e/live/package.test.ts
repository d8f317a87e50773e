import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { copyFile, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import lock from "infernet-runner/engine/install/onnx-runtime-lock.json" with { type: "json" };
import { NODE_MAJOR_MIN } from "infernet-runner/pack/node-version";
import { packRunner, type Tarball } from "infernet-runner/pack/pack-runner";
import { RUNNER_VERSION } from "infernet-runner/runner";
import { publint } from "publint";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import {
  GLYPH_BYTES,
  glyphImages,
  glyphLabels,
  glyphsModel,
  imageShape,
  readGlyphs,
} from "../fixtures/glyphs-model.ts";
import { ApiClient } from "../network/api-client.ts";
import { type BareMachine, createBareMachine, lendDownloads } from "../network/bare-machine.ts";
import { Cleanup } from "../network/cleanup.ts";
import { findOldestNode } from "../network/oldest-node.ts";
import { startCommand } from "../network/program.ts";
import { until } from "../network/until.ts";
import { uploadModel } from "../network/upload-model.ts";
import { useEdge } from "./use-edge.ts";

const TARBALL_BYTES_MAX = 2.5 * 1024 ** 2;
const IMAGES = 400;
const run = promisify(execFile);
const node = findOldestNode(NODE_MAJOR_MIN);
const live = useEdge();
let tarball: Tarball;
let machine: BareMachine;
let id: string;

const cleanup = new Cleanup();
afterAll(() => cleanup.run());
beforeAll(async () => {
  tarball = await packRunner(join(live.folder, "package"));
  machine = createBareMachine(join(live.folder, "machine"), node);
  await copyFile(tarball.path, join(machine.cwd, basename(tarball.path)));
});

const npx = (...args: string[]) =>
  run("npx", ["--yes", `./${basename(tarball.path)}`, ...args], { cwd: machine.cwd, env: machine.env });

describe("the published package", () => {
  it("is small", () => {
    expect(tarball.bytes).toBeLessThan(TARBALL_BYTES_MAX);
  });

  it("is what publint asks of a package", async () => {
    const bytes = await readFile(tarball.path);
    const { messages } = await publint({ pack: { tarball: new Uint8Array(bytes).buffer }, strict: true });
    expect(messages).toEqual([]);
  });

  it("has types that resolve wherever an ES module can be imported", async () => {
    // Not for `require`, nor for a resolution older than `exports`: the package is ES modules, and says so.
    const attw = join(
      dirname(createRequire(import.meta.url).resolve("@arethetypeswrong/cli/package.json")),
      "dist/index.js",
    );
    const { stdout } = await run(process.execPath, [
      attw,
      tarball.path,
      "--profile",
      "esm-only",
      "--format",
      "json",
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ analysis: { types: { kind: "included" } } });
  });
});

describe("the aggregator in the published package", () => {
  it("takes jobs on this Node, with an account ready", async () => {
    await run("tar", ["xzf", tarball.path, "-C", live.folder]);
    const state = join(live.folder, "aggregate");
    const program = startCommand({
      name: "the package's aggregator",
      command: [
        process.execPath,
        join(live.folder, "package/dist/bin.js"),
        ...["aggregate", "--json", "--port", "0", "--state", state],
      ],
      env: process.env,
    });
    cleanup.add(program.kill);
    const { url, accountKeyFile } = await program.waitFor("listening");
    const client = new ApiClient(String(url), (await readFile(String(accountKeyFile), "utf8")).trim());
    expect((await client.send("GET", "/account")).body).toMatchObject({ name: "local" });
    expect(await program.stop()).toBe(0);
  });

  it("says which Node it needs where that is too old for it", async () => {
    const refused = await npx("aggregate", "--port", "0").catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 5,
      stderr: expect.stringContaining("an aggregator needs Node 22.16"),
    });
  });
});

describe(`the published package on Node ${node.version}, in an empty folder`, () => {
  it("says which version it is", async () => {
    expect((await npx("--version")).stdout).toBe(`${RUNNER_VERSION}\n`);
  });

  it("makes an identity in its user's home, says nothing but its id, and leaves nothing where it was started", async () => {
    const { stdout, stderr } = await npx("id");
    expect(stdout).toMatch(/^run_[a-z2-7]{52}\n$/);
    expect(stderr).toBe("");
    id = stdout.trim();
    expect(readdirSync(machine.cwd)).toEqual([basename(tarball.path)]);
  });

  it("is a peer that others begin with, by WebSocket as well", async () => {
    await run("tar", ["xzf", tarball.path, "-C", live.folder]);
    const startPeer = (name: string, listen: string, bootstrap: readonly string[]) => {
      const program = startCommand({
        name: `the package as ${name} peer`,
        command: [
          ...([join(node.bin, "node"), join(live.folder, "package/dist/bin.js")] as const),
          ...["peer", "--json", "--home", join(live.folder, name), "--listen", listen],
          ...(bootstrap.length > 0 ? ["--bootstrap", bootstrap.join(",")] : []),
        ],
        env: process.env,
      });
      cleanup.add(program.kill);
      return program;
    };
    const first = startPeer("first", "/ip4/127.0.0.1/tcp/0/ws", []);
    const { addresses } = await first.waitFor("listening");
    const second = startPeer("second", "/ip4/127.0.0.1/tcp/0", z.array(z.string()).parse(addresses));
    await second.waitFor("listening");
    expect(await first.waitFor("peers.reachability")).toMatchObject({ reachability: "direct" });
    expect([await second.stop(), await first.stop()]).toEqual([0, 0]);
  });

  it("installs its engine at the first start, without scripts, and computes a job for an edge", async () => {
    lendDownloads(
      machine,
      Object.values(lock.packages).flatMap((one) => ("integrity" in one ? [one.integrity] : [])),
    );
    const runner = startCommand({
      name: "the package",
      command: ["npx", "--yes", `./${basename(tarball.path)}`, "start", "--json", "--edge", live.edge.url],
      ...machine,
    });
    cleanup.add(runner.kill);
    const { id: own, capability } = await runner.waitFor("started");
    expect(own).toBe(id);
    const engines = ["onnx", "wasm"].map((engine) => expect.objectContaining({ engine }));
    expect(capability).toMatchObject({ engines: expect.arrayContaining(engines) });
    await runner.waitFor("registered");

    await uploadModel(live.client, glyphsModel());
    const images = glyphImages().slice(0, IMAGES * GLYPH_BYTES);
    const blob = await live.client.putBlob(images);
    const tensor = { name: "images", datatype: "UINT8" as const, shape: imageShape(images), blob };
    const job = await live.client.createJob({
      model: "glyphs",
      input: { tensors: [tensor] },
      verification: { mode: "none" },
    });
    await until("the end of the job", async () =>
      (await live.client.getJob(job.id)).state === "succeeded" ? true : null,
    );
    const [logits] = await live.client.getResult(job.id);
    const read = logits ? readGlyphs(logits) : [];
    const right = read.filter((label, row) => label === glyphLabels()[row]).length;
    expect(right / IMAGES).toBeGreaterThan(0.97);

    // As Ctrl-C on a terminal, which reaches npx and the runner alike.
    process.kill(-runner.pid, "SIGINT");
    expect(await runner.waitFor("stopped")).toMatchObject({ shards_failed: 0, unsent: 0 });
    await runner.exited;
    expect(readdirSync(machine.cwd)).toEqual([basename(tarball.path)]);
  });
});
