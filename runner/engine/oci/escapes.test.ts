import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { EngineFailure } from "../engine-failure.ts";
import { removeTraces } from "./remove-traces.ts";
import { containersHere } from "./testing/containers-here.ts";
import { imageModel, rowsOfTwo } from "./testing/test-image.ts";

const dir = await mkdtemp(join(tmpdir(), "infernet-escapes-"));
const here = await containersHere(dir);
afterAll(async () => {
  await removeTraces(here.home);
  await rm(dir, { recursive: true, force: true });
});

/** What the client reads when an image does this with its first rows. */
async function reasonFor(level: "oci" | "gvisor", behaviour: string): Promise<string> {
  const { manifest } = await imageModel(dir, here.program, behaviour);
  const session = await here.engine(level).load(manifest, dir);
  try {
    const options = { timeout_ms: 1_000, signal: new AbortController().signal };
    await session.run(rowsOfTwo(2), 2, options);
    return "nothing: it answered";
  } catch (error) {
    const { code, message } = error as EngineFailure;
    return `${code}: ${message}`;
  } finally {
    await session.close();
  }
}

const ATTEMPTS: [what: string, behaviour: string, reason: RegExp][] = [
  ["reads files of the host", "read", /^engine_error: .*read: nothing of the host/],
  ["writes anywhere", "write", /^engine_error: .*write: refused everywhere/],
  ["opens a connection", "dial", /^engine_error: .*connect: (Network is unreachable|No route to host)/],
  ["forks without end", "fork", /^engine_error: .*fork: Resource temporarily unavailable after few/],
  ["takes all memory", "hog", /^out_of_memory: the container was killed, as it is at its limit of 64 MiB/],
  ["kills its parent and everybody else", "kill", /^engine_error: .*kill: still here as \d+ of user 65534/],
  ["never answers", "slow", /^engine_timeout: the shard took longer in the engine than 1000 ms/],
  ["computes without end", "spin", /^engine_timeout: the shard took longer in the engine than 1000 ms/],
  ["prints garbage", "garbage", /^output_mismatch: the container's answer is no frame: "Loading checkpoint/],
  ["prints without end", "flood", /^output_mismatch: the container printed 65536 bytes without a line/],
  ["announces more than a shard may come to", "announce", /^output_mismatch: .*33554433/],
  ["dies", "crash", /^engine_crashed: .*exit code 3.*no kernel image; is available/],
];

describe.skipIf(here.skip)(`a hostile image${here.skip ? ` (skipped: ${here.skip})` : ""}`, () => {
  it.each(ATTEMPTS)("that %s is contained, and the client reads why", async (_what, behaviour, reason) => {
    expect(await reasonFor("oci", behaviour)).toMatch(reason);
  });

  it("does not end the session: what is behind it runs in a fresh container", async () => {
    const { manifest } = await imageModel(dir, here.program, "garbage");
    const session = await here.engine("oci").load(manifest, dir);
    const options = { timeout_ms: 5_000, signal: new AbortController().signal };
    const runs = [1, 2].map((rows) => session.run(rowsOfTwo(rows), rows, options));
    for (const run of runs) await expect(run).rejects.toMatchObject({ code: "output_mismatch" });
    await session.close();
  });

  const gvisor = here.has("gvisor") ? null : here.reasons;
  it.skipIf(gvisor)(`is held to as much in gVisor${gvisor ? ` (skipped: ${gvisor})` : ""}`, async () => {
    const behaviours = ["read", "write", "dial", "hog"];
    for (const [, behaviour, reason] of ATTEMPTS.filter(([, name]) => behaviours.includes(name)))
      expect(await reasonFor("gvisor", behaviour)).toMatch(reason);
  });
});
