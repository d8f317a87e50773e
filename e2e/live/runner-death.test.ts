import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { collectEvents } from "../network/follow-job.ts";
import { tinyJob, uploadTinyModel } from "./tiny-job.ts";
import { useEdge } from "./use-edge.ts";

const HELD_RUNNER = fileURLToPath(new URL("../fixtures/held-runner.ts", import.meta.url));
const live = useEdge({ LEASE_MS: "3000" });
beforeAll(() => uploadTinyModel(live.client));

/** A runner that stays in the middle of its shard until the file is removed. */
async function addHeldRunner(name: string) {
  const file = join(live.folder, `${name}.hold`);
  writeFileSync(file, "");
  const environment = { HOLD_FILE: file, DRAIN_MS: "500" };
  const runner = await live.addRunner(name, { file: HELD_RUNNER, environment });
  return { ...runner, release: () => rmSync(file) };
}

test("a runner asked to stop hands back what it cannot finish in time, and ends in order", async () => {
  const leaver = await addHeldRunner("leaver");
  const job = await live.client.createJob(tinyJob(4));
  await leaver.program.waitFor("engine.held");
  expect(await leaver.program.stop()).toBe(0);
  await leaver.program.waitFor("shard.handed_back");
  const heir = await live.addRunner("second-heir");

  const events = await collectEvents(live.client, job.id);
  const returned = events.filter(({ type }) => type === "shards.returned");
  expect(returned).toMatchObject([{ runner: leaver.id, reason: "handed_back", shards: [0] }]);
  expect((await live.client.getJob(job.id)).state).toBe("succeeded");
  expect(await heir.program.stop()).toBe(0);
});

test("a runner asked to stop finishes the shard it is at, takes no other, and ends in order", async () => {
  const finisher = await addHeldRunner("finisher");
  const job = await live.client.createJob(tinyJob(4));
  await finisher.program.waitFor("engine.held");
  const stopped = finisher.program.stop();
  await finisher.program.waitFor("draining");
  finisher.release();
  expect(await stopped).toBe(0);
  expect(finisher.program.lines.at(-1)).toMatchObject({ event: "stopped", shards_done: 1, unsent: 0 });
  expect((await live.client.getJob(job.id)).state).toBe("succeeded");
});

test("a shard whose runner is killed in the middle of it is given to another", async () => {
  const victim = await addHeldRunner("victim");
  const job = await live.client.createJob(tinyJob(4));
  await victim.program.waitFor("engine.held");
  await victim.program.kill();
  const heir = await live.addRunner("heir");

  const events = await collectEvents(live.client, job.id);
  const [first] = events.filter(({ type }) => type === "shards.returned");
  expect(first).toMatchObject({ runner: victim.id, reason: "expired", shards: [0] });
  expect(events.at(-1)?.type).toBe("job.succeeded");
  const done = await live.client.getJob(job.id);
  expect(done.providers.find(({ id }) => id === heir.id)).toMatchObject({ rows_committed: 4 });
  expect(await heir.program.stop()).toBe(0);
});
