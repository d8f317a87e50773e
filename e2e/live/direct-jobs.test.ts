import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createIdentity } from "infernet-runner/identity/identity";
import { createPeerNode } from "infernet-runner/p2p/node/create-peer-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunnerProcess } from "../network/runner-process.ts";
import { tinyTensor, uploadTinyModel } from "./tiny-job.ts";
import { useEdge } from "./use-edge.ts";

/** A person without an account has a peer do a job: over real processes, the edge only names peers and the model. */

const RUNNER = fileURLToPath(import.meta.resolve("infernet-runner/main"));
const ROWS = 5;

const first = await createPeerNode({
  identity: createIdentity(),
  listen: ["/ip4/127.0.0.1/tcp/0"],
  bootstrap: [],
});
const live = useEdge({ PEERS: first.addresses.join(",") });
let provider: RunnerProcess;

const cli = (...args: string[]) => promisify(execFile)(process.execPath, [RUNNER, ...args]);

beforeAll(async () => {
  await uploadTinyModel(live.client);
  const edge = live.edge.url;
  await cli("models", "pull", "tiny", "--home", join(live.folder, "provider"), "--edge", edge);
  provider = await live.addRunner("provider", {
    args: ["--direct", "free", "--peers-listen", "/ip4/127.0.0.1/tcp/0"],
  });
});
afterAll(() => first.stop());

test("a job by a model's name finds a provider in the DHT, and leaves a receipt that holds", async () => {
  const at = (name: string): string => join(live.folder, name);
  const common = ["--edge", live.edge.url, "--home", at("client")];
  await writeFile(at("rows.json"), JSON.stringify({ tensors: [tinyTensor(ROWS)] }));
  const { stdout } = await cli(
    ...["run", "--model", "tiny", "--input", at("rows.json"), "--out", at("rows.cbor"), "--json"],
    ...common,
  );
  const done = JSON.parse(stdout);
  expect(done).toMatchObject({ provider: provider.id, price_micro: "0" });
  await provider.program.waitFor("direct.done");

  const verified = await cli("verify", done.receipt, "--result", at("rows.cbor"));
  expect(verified.stdout).toContain("The rows that were given are the ones that were committed to");
  expect(verified.stdout).toContain("This receipt holds.");
  expect(JSON.parse(await readFile(done.receipt, "utf8"))).toMatchObject({ object: "direct_receipt" });
});

test("where nobody has the model it ends with 11, and says what to do", async () => {
  const model = "0".repeat(64);
  const args = ["--model", model, "--input", "-", "--home", join(live.folder, "client")];
  const asked = cli("run", ...args, "--bootstrap", first.addresses[0] ?? "");
  asked.child.stdin?.end("[1]");
  await expect(asked).rejects.toMatchObject({
    code: 11,
    stderr: expect.stringMatching(
      /no peer was found that takes direct jobs on the model 000000000000\. Try again when/,
    ),
  });
});
