import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { collectEvents } from "../network/follow-job.ts";
import { until } from "../network/until.ts";
import { isFrom } from "../network/webhook-receiver.ts";
import { tinyJob, uploadTinyModel } from "./tiny-job.ts";
import { useEdge } from "./use-edge.ts";

const HELD_RUNNER = fileURLToPath(new URL("../fixtures/held-runner.ts", import.meta.url));
const ROWS = 120;
const SHARDS = 12;
const live = useEdge({ LEASE_MS: "3000" });
beforeAll(() => uploadTinyModel(live.client));

test("a job whose edge is killed goes on where it was, and its webhook is delivered once", async () => {
  const hold = join(live.folder, "hold");
  const held = await live.addRunner("held", { file: HELD_RUNNER, environment: { HOLD_FILE: hold } });
  const free = await live.addRunner("free");
  writeFileSync(hold, "");
  const job = await live.client.createJob(
    tinyJob(ROWS, {
      shard_rows: ROWS / SHARDS,
      verification: { mode: "quorum", replicas: 2 },
      webhook: { url: live.receiver.url },
    }),
  );
  // One runner has committed shards, the other is in the middle of one: the job cannot end before the edge does.
  await Promise.all([held.program.waitFor("engine.held"), free.program.waitFor("submitted")]);
  const before = await live.client.getJob(job.id);
  expect(before.progress.shards_committed).toBeGreaterThan(0);
  expect(before.state).not.toBe("succeeded");

  await live.edge.program.kill();
  await free.program.waitFor("edge.unreachable");
  rmSync(hold);
  await live.restartEdge();

  const events = await collectEvents(live.client, job.id);
  expect(events.at(-1)?.type).toBe("job.succeeded");
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i));

  const after = await live.client.getJob(job.id);
  expect(after.progress).toMatchObject({ shards_accepted: SHARDS, rows_accepted: ROWS });
  expect(after.timestamps.queued).toBe(before.timestamps.queued);
  const committed = after.providers.map(({ rows_committed }) => rows_committed);
  expect(committed.reduce((sum, rows) => sum + rows, 0)).toBe(ROWS);
  expect(after.verification.reached).toMatchObject({
    audits_passed: SHARDS,
    rows_audited: ROWS,
    disputes: 0,
  });
  const [y] = await live.client.getResult(job.id);
  expect(y?.shape).toEqual([ROWS, 3]);

  const webhook = await live.receiver.waitFor();
  expect(isFrom(webhook, await live.client.webhookKey())).toBe(true);
  const delivery = await until("the delivery in the log", async () => {
    const [first] = await live.client.listDeliveries(job.id);
    return first?.state === "delivered" ? first : null;
  });
  expect(live.receiver.received.map(({ headers }) => headers.id)).toEqual([delivery.id]);
});

test("the runners that waited at the killed edge take the next job", async () => {
  const job = await live.client.createJob(tinyJob(3));
  expect((await collectEvents(live.client, job.id)).at(-1)?.type).toBe("job.succeeded");
});
