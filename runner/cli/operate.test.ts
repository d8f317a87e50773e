import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Sha256 } from "@infernet/schemas/digest";
import { ModelName } from "@infernet/schemas/model";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Cli, noTerminal, runCli, startAtTerminal, startCli } from "./testing/run-cli.ts";
import { type StubEdge, startStubEdge } from "./testing/stub-edge.ts";

const missingTerminal = noTerminal();
if (missingTerminal !== null) console.warn(`skipped: start at a terminal, because ${missingTerminal}`);

describe("an owner's hand on a running runner", { timeout: 40_000 }, () => {
  let home: string;
  let edge: StubEdge;
  let runner: Cli | null;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "infernet-operate-"));
    edge = await startStubEdge();
    runner = null;
  });
  afterEach(async () => {
    runner?.child.kill("SIGKILL");
    await edge.close();
    await rm(home, { recursive: true, force: true });
  });

  const events = (cli: Cli): string[] =>
    cli.stdout
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line).event);
  const start = async (environment: Record<string, string> = {}): Promise<Cli> => {
    const started = startCli(["start", "--edge", edge.url, "--home", home, "--threads", "1"], environment);
    runner = started;
    await expect.poll(() => events(started), { timeout: 15_000 }).toContain("registered");
    return started;
  };
  const command = (name: string, ...flags: string[]) => runCli([name, "--home", home, ...flags]);
  const status = async () => JSON.parse((await command("status", "--json")).stdout);

  it("sees what it is at and why there is no work, with what each model lacks", async () => {
    await start();
    expect(await status()).toMatchObject({
      edge: edge.url,
      activity: { state: "waiting", shards_done: 0, now: [] },
      work: { reasons: ["No job is waiting for runners. Machines that wait for one: 2."] },
      network: { runners_seen: 3, shards_waiting: 0 },
    });
    edge.demand = {
      ...edge.demand,
      shards_waiting: 7,
      data: [
        {
          model: Sha256.parse("a".repeat(64)),
          name: ModelName.parse("giant"),
          need: { engine: "onnx", format: "onnx", memory_bytes: 2 ** 50 },
          jobs: 2,
          shards_waiting: 7,
          shards_declined: 0,
          pays_micro_per_core_hour: null,
        },
      ],
    };
    const { code, stdout } = await command("status");
    expect(code).toBe(0);
    expect(stdout).toContain("state       waiting for work; up ");
    expect(stdout).toContain("giant: 7 shards");
    expect(stdout).toContain("The job needs 1024 TiB of memory; this machine offers ");
    edge.routes["/runner/demand"] = (response) => void response.destroy();
    expect((await command("status")).stdout).toContain(`edge says   ${edge.url} does not answer`);
  });

  it("pauses and resumes it, and drains it, and the log tells all of it afterwards", async () => {
    const started = await start();
    const following = startCli(["logs", "--home", home, "--follow", "--json"]);
    await expect.poll(() => events(following), { timeout: 10_000 }).toContain("registered");
    const paused = await command("pause");
    expect(paused.stdout).toBe("The runner is paused: by `infernet-runner pause`.\n");
    expect((await status()).work.reasons[0]).toBe("It is paused: by `infernet-runner pause`.");
    expect((await command("resume")).stdout).toContain("The runner is waiting for work");
    const drained = await command("drain", "--json");
    expect([drained.code, JSON.parse(drained.stdout)]).toEqual([
      0,
      { shards_done: 0, shards_failed: 0, rows_done: 0, unsent: 0 },
    ]);
    expect(await started.exit).toBe(0);
    expect(events(started)).toEqual([
      ...["started", "registered", "paused", "resumed", "draining", "stopped"],
    ]);
    const kept = await command("logs", "--json");
    expect(kept.stdout.match(/"event":"(\w+)"/g)).toEqual(events(started).map((name) => `"event":"${name}"`));
    const told = (await command("logs", "--lines", "3")).stdout.trimEnd().split("\n");
    expect(told).toHaveLength(3);
    expect(told[2]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}stopped after 0 shards, 0 rows, 0 failed$/);
    const { stdout } = await command("status", "--edge", edge.url);
    expect(stdout).toContain("state       not running");
    expect(stdout).toContain("No runner runs here: `infernet-runner start` starts it.");
    expect(stdout).toContain("No job is waiting for runners.");
  });

  it("says with 10 that there is nobody to command, and no log yet", async () => {
    await runCli(["id", "--home", home]);
    for (const name of ["pause", "drain", "logs"]) {
      const { code, stdout, stderr } = await command(name);
      expect([name, code, stdout]).toEqual([name, 10, ""]);
      expect(stderr).toContain("infernet-runner start");
    }
  });

  it("pauses by the settings, whatever its owner commands, and goes on without metrics when their port is taken", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const address = other.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    await writeFile(join(home, "config.toml"), '[pause]\nschedule = ["00:00-24:00"]\n');
    const started = await start({ INFERNET_METRICS_PORT: String(address.port) });
    expect(started.stdout).toContain(`port ${address.port} is taken; set metrics.port`);
    expect(started.stdout).toContain('"metrics":null');
    await new Promise((resolve) => other.close(resolve));
    await expect.poll(() => events(started)).toContain("paused");
    // By hand it may pause, and not work against the settings.
    expect((await command("resume")).stdout).toBe(
      "The runner is paused: the schedule says so (00:00-24:00).\n",
    );
  });

  describe.skipIf(missingTerminal !== null)("at a terminal", () => {
    it("is told in at most 15 lines what it is, and in one more what goes on", async () => {
      const cli = startAtTerminal(["start", "--edge", edge.url, "--home", home, "--threads", "1"]);
      runner = cli;
      await expect
        .poll(() => cli.stdout, { timeout: 15_000 })
        .toContain("waiting for work · 0 shards done · today nothing yet");
      const lines = cli.stdout.split("\n");
      expect(lines.length).toBeLessThanOrEqual(16);
      for (const told of ["run_", "onnx", "sandbox: ", "GiB of memory", edge.url, "price    any", "Ctrl-C"])
        expect(cli.stdout).toContain(told);
      cli.child.stdin?.write("\u0003");
      expect(await cli.exit).toBe(0);
      expect(cli.stdout.trimEnd().split("\n").at(-1)).toContain("stopped after 0 shards");
    });
  });
});
