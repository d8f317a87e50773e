import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { collectEvents } from "../network/follow-job.ts";
import { tinyJob, uploadTinyModel } from "./tiny-job.ts";
import { useEdge } from "./use-edge.ts";

const RUNNER = fileURLToPath(import.meta.resolve("infernet-runner/main"));
const live = useEdge();
beforeAll(() => uploadTinyModel(live.client));

/** A command of the runner that lives in this home. */
function command(home: string, ...args: string[]): string {
  const [name = "", ...flags] = args;
  const ran = spawnSync(process.execPath, [RUNNER, name, "--home", home, ...flags], { encoding: "utf8" });
  if (ran.status !== 0) throw new Error(`${name} ended with ${ran.status}: ${ran.stderr}`);
  return ran.stdout;
}
const statusOf = (home: string) => JSON.parse(command(home, "status", "--json", "--edge", live.edge.url));

test("an owner sees why there is no work, pauses, lets work, sees what it brought, and drains", async () => {
  const { home, program } = await live.addRunner("attic");
  const huge = await live.client.createJob(tinyJob(4, { requirements: { memory_bytes_min: 2 ** 40 } }));
  await expect
    .poll(() => statusOf(home).work, { timeout: 10_000 })
    .toMatchObject({
      reasons: ["1 shard waits, and it does not fit this machine; the list says why."],
      demand: [
        {
          name: "tiny",
          shards_waiting: 1,
          mismatches: [expect.stringMatching(/^The job needs 1 TiB of memory; this machine offers /)],
        },
      ],
    });
  await live.client.cancelJob(huge.id);

  command(home, "pause");
  await program.waitFor("paused");
  const job = await live.client.createJob(tinyJob(4));
  await expect
    .poll(() => statusOf(home).work.demand, { timeout: 10_000 })
    .toMatchObject([{ name: "tiny", mismatches: [] }]);
  expect(statusOf(home)).toMatchObject({
    activity: { state: "paused", now: [], shards_done: 0 },
    work: { reasons: ["It is paused: by `infernet-runner pause`."] },
  });
  expect(program.lines.some(({ event }) => event === "leased")).toBe(false);

  command(home, "resume");
  const events = await collectEvents(live.client, job.id);
  expect(events.at(-1)?.type).toBe("job.succeeded");
  await expect
    .poll(() => statusOf(home), { timeout: 10_000 })
    .toMatchObject({
      activity: { state: "waiting", shards_done: 1, rows_done: 4 },
      earned_today: [{ unit: "credit", earned_micro: expect.stringMatching(/^[1-9]/) }],
    });

  expect(command(home, "drain")).toContain("Stopped after 1 shards and 4 rows, 0 failed.");
  expect(await program.exited).toBe(0);
  expect(statusOf(home)).toMatchObject({ activity: null, record: { reputation: { shards_completed: 1 } } });
  expect(command(home, "logs")).toContain("computed shard 0 of");
});

test("a machine whose clock is wrong is told so, by how much, and how to set it", () => {
  const slow = "const now = Date.now; Date.now = () => now() - 95_000;";
  const { status, stdout } = spawnSync(
    process.execPath,
    ["--import", `data:text/javascript,${encodeURIComponent(slow)}`, RUNNER, "start"].concat(
      ["--edge", live.edge.url, "--home", join(live.folder, "slow"), "--json", "--metrics-port", "0"],
      ["--containers", "off"],
    ),
    { encoding: "utf8", timeout: 30_000 },
  );
  expect(status).toBe(4);
  const last = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
  expect(last).toMatchObject({ event: "fatal", code: "clock_wrong" });
  expect(last.detail).toMatch(/^this machine's clock is 9[45] s behind that of http/);
  expect(last.hint).toContain("timedatectl");
});
