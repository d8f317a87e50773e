import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BINARY_TYPE } from "@infernet/schemas/binary";
import { JobId } from "@infernet/schemas/ids";
import { tryBuildSample } from "infernet-runner/engine/wasm/testing/build-sample";
import { beforeAll, expect, test } from "vitest";
import { collectEvents } from "../network/follow-job.ts";
import type { RunnerProcess } from "../network/runner-process.ts";
import { useEdge } from "./use-edge.ts";

/** Every shell block of docs/wasm.md, run as it stands but for the folder, against a real edge and real runners. */

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const RUNNER = fileURLToPath(import.meta.resolve("infernet-runner/main"));
const COMPILERS = { "../c": "c/edges.c", "../wasi": "wasi/sentiment.c" } as const;

const live = useEdge({ EPOCH_MS: "1000" });
let runners: RunnerProcess[];

beforeAll(async () => {
  runners = await Promise.all(["ada", "grace"].map((name) => live.addRunner(name)));
});

async function readSession(): Promise<{ session: string; left: string[] }> {
  const text = readFileSync(join(ROOT, "docs/wasm.md"), "utf8");
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = ""]) => block.trim());
  expect(blocks).toHaveLength(4);
  const left: string[] = [];
  const session: string[] = [];
  for (const block of blocks) {
    const compiler = Object.entries(COMPILERS).find(([folder]) => block.startsWith(`cd ${folder}`));
    const built = compiler ? await tryBuildSample(compiler[1]) : null;
    if (typeof built === "string") left.push(built);
    else session.push(block);
  }
  return { session: session.join("\n").replaceAll("my-models", join(live.folder, "my-models")), left };
}

test("modules built and registered as their page says are computed, audited, and proven by a receipt", {
  timeout: 120_000,
}, async () => {
  const { session, left } = await readSession();
  for (const reason of left) console.log(`skipped: ${reason}`);
  const { status, stdout, stderr } = spawnSync("bash", ["-e", "-c", `${session}\necho; echo "$JOB"`], {
    cwd: ROOT,
    encoding: "utf8",
    timeout: 100_000,
    env: {
      ...process.env,
      PATH: `${join(ROOT, "node_modules/.bin")}:${process.env.PATH}`,
      EDGE: live.edge.url,
      AUTH: `Authorization: Bearer ${live.client.key}`,
    },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toContain('"work":{"kind":"counted","operations_per_row":"20000000","parameters":"0"}');
  expect(stdout).toContain(
    '{"outputs":[{"name":"words","datatype":"INT32","shape":[3],"data":[1,2,3]},' +
      '{"name":"capitals","datatype":"BYTES","shape":[3],"data":["ONE","TWO WORDS","AND THREE MORE"]}]}',
  );
  const id = JobId.parse(stdout.trim().split("\n").at(-1));
  const job = await live.client.getJob(id);
  expect(job.verification.reached).toMatchObject({ audits_passed: 3, rows_audited: 3, disputes: 0 });
  expect(job.providers.map((one) => one.id).sort()).toEqual(runners.map((one) => one.id).sort());

  const receipt = join(live.folder, "receipt.json");
  writeFileSync(receipt, await live.client.getReceipt(id));
  expect(readFileSync(receipt, "utf8")).toContain("wasm/1/cpu/exact");
  const result = await live.client.fetch("GET", `/jobs/${id}/result`, { headers: { Accept: BINARY_TYPE } });
  writeFileSync(join(live.folder, "result.cbor"), new Uint8Array(await result.arrayBuffer()));
  const verify = ["verify", receipt, "--result", join(live.folder, "result.cbor")];
  const verified = spawnSync(process.execPath, [RUNNER, ...verify], { encoding: "utf8" });
  expect(verified).toMatchObject({ status: 0 });
});

test("a module that asks for more than it gets fails its job with what it asked for", async () => {
  const { stdout } = spawnSync(
    "bash",
    [
      "-c",
      'cd "$0" && asc words.ts --runtime stub -o foreign.wasm',
      join(live.folder, "my-models/assemblyscript"),
    ],
    {
      encoding: "utf8",
      env: { ...process.env, PATH: `${join(ROOT, "node_modules/.bin")}:${process.env.PATH}` },
    },
  );
  expect(stdout).toBe("");
  const bytes = new Uint8Array(readFileSync(join(live.folder, "my-models/assemblyscript/foreign.wasm")));
  const sha256 = await live.client.putBlob(bytes);
  const words = { name: "words", datatype: "INT32" as const, shape: [null] };
  await live.client.registerModel({
    name: "foreign",
    manifest: {
      engine: "wasm",
      entry: "foreign.wasm",
      files: [{ path: "foreign.wasm", sha256, bytes: bytes.byteLength }],
      inputs: [{ name: "text", datatype: "BYTES", shape: [null] }],
      outputs: [words, { name: "capitals", datatype: "BYTES", shape: [null] }],
    },
  });
  const text = { name: "text", datatype: "BYTES" as const, shape: [1], data: ["one"] };
  const job = await live.client.createJob({ model: "foreign", input: { tensors: [text] } });
  expect((await collectEvents(live.client, job.id)).at(-1)?.type).toBe("job.failed");
  const { error } = await live.client.getJob(job.id);
  expect(error?.detail).toContain(
    "imports env.abort, which the ABI 'rows' does not give; it gives: infernet.fail",
  );
});
