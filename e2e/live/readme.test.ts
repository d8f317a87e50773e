import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findFreePort } from "@infernet/edge/host/free-port";
import { afterAll, expect, test } from "vitest";
import { TINYLM_ANSWER } from "../fixtures/tinylm-model.ts";
import { Cleanup } from "../network/cleanup.ts";
import { createTempFolder } from "../network/temp-folder.ts";
import { until } from "../network/until.ts";

/**
 * Every shell block of the README, run as it stands but for the port and the folders. Blocks that start something stay
 * running; the others are one shell session, since later ones use variables of earlier ones.
 */

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const STARTS = /^(npm run serve|npx infernet-runner (start|peer ))/;
/** What other tests run, or what runs this one. */
const ELSEWHERE = /^(npm ci|npm run demo|npm test)/;

const cleanup = new Cleanup();
afterAll(() => cleanup.run());

function readShellBlocks(): string[] {
  const text = readFileSync(join(ROOT, "README.md"), "utf8");
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = ""]) => block.trim());
}

function startInBackground(command: string): void {
  const child = spawn("bash", ["-c", command], { cwd: ROOT, detached: true, stdio: "ignore" });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} did not start`);
  cleanup.add(() => process.kill(-pid, "SIGKILL"));
}

/** The text of streamed chat chunks. */
const readChunks = (stdout: string): string =>
  [...stdout.matchAll(/^data: (\{.*\})$/gm)]
    .map(([, chunk = ""]) => JSON.parse(chunk).choices?.[0]?.delta?.content ?? "")
    .join("");

test("the README's commands do what it says", async () => {
  const folder = createTempFolder();
  cleanup.add(folder.remove);
  const port = await findFreePort("127.0.0.1");
  const here = (block: string) =>
    block
      .replaceAll("8787", String(port))
      .replaceAll("./state", join(folder.path, "state"))
      .replaceAll("tcp/4801", "tcp/0")
      .replaceAll("./peer-home", join(folder.path, "peer-home"))
      .replaceAll("./runner-home", join(folder.path, "runner-home"))
      .replaceAll("receipt.json", join(folder.path, "receipt.json"))
      .replaceAll("result.cbor", join(folder.path, "result.cbor"));
  const blocks = readShellBlocks().filter((block) => !ELSEWHERE.test(block));
  const starts = blocks.filter((block) => STARTS.test(block)).map(here);
  const session = blocks.filter((block) => !STARTS.test(block)).map(here);
  expect({ starts: starts.length, session: session.length }).toEqual({ starts: 3, session: 8 });

  for (const start of starts) startInBackground(start);
  await until("the edge of the README", async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => null);
    return answer?.ok ? true : null;
  });
  const { status, stdout, stderr } = spawnSync("bash", ["-e", "-c", session.join("\n")], {
    cwd: ROOT,
    encoding: "utf8",
    timeout: 50_000,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toContain("nobody names a peer to begin with");
  expect(stdout).toContain('"state":"succeeded"');
  expect(stdout).toContain("tinylm is registered: llm, 1000576 parameters, 256 tokens of context");
  expect(readChunks(stdout)).toBe(TINYLM_ANSWER.greedyText);
  expect(stdout).toMatch(/"spent":\[\{"unit":"credit","micro":"[1-9]/);
  expect(stdout).toMatch(/Nothing can be sent yet: 0\.00000[1-9] credit held until/);
  expect(stdout).toMatch(/\{"outputs":\[\{"name":"logits","datatype":"FP32","shape":\[2000,35\],"data":\[/);
});
