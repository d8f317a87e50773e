import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AggregateProcess, startAggregate } from "../network/aggregate-process.ts";
import { Cleanup } from "../network/cleanup.ts";
import { collectEvents } from "../network/follow-job.ts";
import type { LogLine } from "../network/log-stream.ts";
import type { RunnerProcess } from "../network/runner-process.ts";
import { until } from "../network/until.ts";
import { verifyJob } from "../network/verify-job.ts";
import { tinyJob, uploadTinyModel } from "./tiny-job.ts";
import { useEdge } from "./use-edge.ts";

const HELD_RUNNER = fileURLToPath(new URL("../fixtures/held-runner.ts", import.meta.url));
const SHARDS = 60;
const ENVIRONMENT = { LEASE_MS: "3000", EPOCH_MS: "2000", DISPATCH_BUCKETS: "2" };
/** One machine that works for all, and one that works for the edge and whoever invites it. */
const live = useEdge(ENVIRONMENT);
const cleanup = new Cleanup();
let hold: string;
let den: AggregateProcess;
let attic: AggregateProcess;
let shared: RunnerProcess;
let invited: RunnerProcess;
afterAll(() => cleanup.run());

const launch = async (name: string, earlier?: AggregateProcess): Promise<AggregateProcess> => {
  const started = await startAggregate({
    ...{ name, state: join(live.folder, name), environment: ENVIRONMENT },
    ...(earlier === undefined ? {} : { earlier }),
  });
  cleanup.add(started.program.kill);
  return started;
};

const joined = (runner: RunnerProcess, { network }: AggregateProcess) =>
  runner.program.waitFor("registered", (line) => line.aggregator === network);

/** Shards that a runner has done, for each network; null stands for the edge. */
function doneFor({ program }: RunnerProcess): Map<unknown, number> {
  const counts = new Map<unknown, number>();
  for (const { event, aggregator = null } of program.lines)
    if (event === "shard.done") counts.set(aggregator, (counts.get(aggregator) ?? 0) + 1);
  return counts;
}

beforeAll(async () => {
  hold = join(live.folder, "hold");
  [den, attic] = await Promise.all([launch("den"), launch("attic")]);
  shared = await live.addRunner("shared", {
    file: HELD_RUNNER,
    args: ["--aggregators", `${den.address},${attic.address}`],
    // So that it is the machine that they wait for, and not the way to it.
    environment: { HOLD_FILE: hold, SHARD_MS: "40" },
  });
  await Promise.all([den, attic].map((aggregate) => joined(shared, aggregate)));
  await Promise.all([live, den, attic].map(({ client }) => uploadTinyModel(client)));
});

test("a machine that works for an edge and two peers' aggregators gives each a fair share", async () => {
  writeFileSync(hold, "");
  const clients = [live, den, attic].map(({ client }) => client);
  const jobs = await Promise.all(
    clients.map(async (client) => ({
      client,
      id: (await client.createJob(tinyJob(SHARDS, { shard_rows: 1 }))).id,
    })),
  );
  const networks = [undefined, den.network, attic.network];
  await Promise.all(
    networks.map((network) => shared.program.waitFor("leased", ({ aggregator }) => aggregator === network)),
  );
  rmSync(hold);
  const [first] = await until("a job's end", async () => {
    const states = await Promise.all(jobs.map(({ client, id }) => client.getJob(id)));
    const ended = states.filter(({ state }) => state === "succeeded");
    return ended.length > 0 ? ended : null;
  });
  const counts = [...doneFor(shared).values()];
  expect(first?.state).toBe("succeeded");
  expect(counts).toHaveLength(3);
  // By then each has had as much as the one that is over, but for what was on its way.
  for (const count of counts) expect(count).toBeGreaterThanOrEqual(SHARDS / 2);
  for (const { client, id } of jobs)
    expect((await collectEvents(client, id)).at(-1)?.type).toBe("job.succeeded");
});

test("an aggregator finds a machine that lets whoever invites it, and dies with a job half done: back, it goes on with it", async () => {
  invited = await live.addRunner("invited", {
    args: ["--aggregators", "any", "--peers-bootstrap", den.address],
  });
  await joined(invited, den);
  writeFileSync(hold, "");
  const job = await den.client.createJob(
    tinyJob(SHARDS, { shard_rows: 5, verification: { mode: "quorum", replicas: 2 } }),
  );
  const { network } = den;
  const isDen = ({ aggregator }: LogLine): boolean => aggregator === network;
  await Promise.all([shared.program.waitFor("engine.held"), invited.program.waitFor("submitted", isDen)]);
  await den.program.kill();
  await shared.program.waitFor("edge.unreachable", isDen);
  rmSync(hold);
  den = await launch("den", den);
  const events = await collectEvents(den.client, job.id);
  expect(events.at(-1)?.type).toBe("job.succeeded");
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i));
  const after = await den.client.getJob(job.id);
  const committed = after.providers.map(({ rows_committed }) => rows_committed);
  expect(committed.reduce((sum, rows) => sum + rows, 0)).toBe(SHARDS);
  expect(after.verification.reached).toMatchObject({ rows_audited: SHARDS, disputes: 0 });
});

test("with the edge killed for good in mid-job, the same machines do the next jobs of a client that has an aggregator", async () => {
  writeFileSync(hold, "");
  const lost = await live.client.createJob(tinyJob(SHARDS, { shard_rows: 5 }));
  await shared.program.waitFor("leased", (line) => JSON.stringify(line).includes(lost.id));
  await live.edge.program.kill();
  await Promise.all(
    [shared, invited].map(({ program }) =>
      program.waitFor("edge.unreachable", ({ aggregator }) => aggregator === undefined),
    ),
  );
  rmSync(hold);
  const before = [shared, invited].map((runner) => doneFor(runner).get(den.network) ?? 0);
  const job = await den.client.createJob(tinyJob(SHARDS, { shard_rows: 2, verification: { mode: "audit" } }));
  expect((await collectEvents(den.client, job.id)).at(-1)?.type).toBe("job.succeeded");
  expect(await verifyJob(den.client, job.id)).toBe("holds");
  const workers = (await den.client.getJob(job.id)).providers.map(({ id }) => id);
  expect(workers.sort()).toEqual([shared.id, invited.id].sort());
  const after = [shared, invited].map((runner) => doneFor(runner).get(den.network) ?? 0);
  for (const [n, count] of after.entries()) expect(count).toBeGreaterThan(before[n] ?? 0);
  // Neither was started anew, or lost what it is known by.
  for (const { program } of [shared, invited])
    expect(program.lines.filter(({ event }) => event === "started")).toHaveLength(1);
});
