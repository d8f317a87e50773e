import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { encodeBinary } from "@infernet/schemas/binary";
import { Sha256 } from "@infernet/schemas/digest";
import { formatJobId, formatLeaseId, formatPartition, formatRunnerId } from "@infernet/schemas/ids";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
/** Of many runners on one machine only one has the port that metrics are on by default. */
const ENVIRONMENT = { ...process.env, INFERNET_METRICS_PORT: "0", INFERNET_CONTAINERS_ENGINE: "off" };
const Line = z.looseObject({ at: z.iso.datetime(), event: z.string() });
const UUID = "019aa5d0c1f07c3e8f2b6d4e5a901122";

interface Started {
  child: ChildProcess;
  lines: string[];
  /** Exit code, or the signal that ended it. */
  exit: Promise<unknown>;
}

describe("infernet-runner", () => {
  let home: string;
  let server: Server;
  let routes: Record<string, (response: ServerResponse) => void>;
  let welcome: object;
  /** The last body sent to each path. */
  let bodies: Record<string, string>;
  let children: ChildProcess[];

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "infernet-cli-"));
    children = [];
    const runner_id = formatRunnerId(new Uint8Array(32));
    bodies = {};
    welcome = {
      runner_id,
      network: `net_${"A".repeat(43)}`,
      poll_wait_ms: 25_000,
      warnings: [],
    };
    routes = {
      "/runner/register": (response) => void response.end(JSON.stringify({ ...welcome, now_ms: Date.now() })),
      "/runner/leave": (response) => void response.writeHead(204).end(),
    };
    // What has no route here is never answered.
    server = createServer((request, response) => {
      const path = request.url ?? "";
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        bodies[path] = Buffer.concat(chunks).toString();
        routes[path]?.(response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterEach(async () => {
    for (const child of children) child.kill("SIGKILL");
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(home, { recursive: true, force: true });
  });

  const edge = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const launch = (...flags: string[]): Started => {
    const child = spawn(process.execPath, [MAIN, ...flags], {
      stdio: ["ignore", "pipe", "pipe"],
      env: ENVIRONMENT,
    });
    const lines: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => lines.push(line));
    }
    children.push(child);
    return { child, lines, exit: once(child, "close").then(([code, signal]) => code ?? signal) };
  };
  const start = (...flags: string[]) =>
    launch("start", "--edge", edge(), "--home", home, "--threads", "1", ...flags);
  const eventsOf = ({ lines }: Started) => lines.map((line) => Line.parse(JSON.parse(line)));
  const heard = (started: Started, event: string) =>
    expect.poll(() => eventsOf(started).map((line) => line.event), { timeout: 10_000 }).toContain(event);

  it("logs one JSON object a line and ends with 0 on SIGTERM", { timeout: 20_000 }, async () => {
    const started = start("--json", "--name", "bench");
    await heard(started, "registered");
    started.child.kill("SIGTERM");
    expect(await started.exit).toBe(0);
    const events = eventsOf(started);
    expect(events.map(({ event }) => event)).toEqual(["started", "registered", "draining", "stopped"]);
    expect(events[0]).toMatchObject({
      edge: edge(),
      home,
      capability: {
        engines: expect.arrayContaining([
          expect.objectContaining({ engine: "onnx", version: "1.30.0", execution_provider: "cpu" }),
        ]),
        gpus: [],
      },
    });
  });

  it("tells a person in at most 15 lines what it is and has", { timeout: 20_000 }, async () => {
    const started = start("--no-json");
    await expect.poll(() => started.lines.join("\n"), { timeout: 10_000 }).toContain("registered");
    expect(started.lines.length).toBeLessThanOrEqual(15);
    const text = started.lines.join("\n");
    for (const told of ["run_", "onnx 1.30.0 on cpu", "GiB", edge(), home]) expect(text).toContain(told);
  });

  it("registers as its owner's, with the payout address and what it asks for, as a referee", {
    timeout: 20_000,
  }, async () => {
    const started = start(
      "--json",
      "--owner",
      "Ada & Co.",
      "--payout",
      "wallet 1",
      "--asking",
      "70000",
      "--referee",
    );
    await heard(started, "registered");
    expect(JSON.parse(bodies["/runner/register"] ?? "")).toMatchObject({
      owner: "Ada & Co.",
      payout: "wallet 1",
      referee: true,
      capability: { asking_micro_per_core_hour: "70000" },
    });
    expect(eventsOf(started)[0]).toMatchObject({ referee: true });
  });

  it("shows a person what the edge warns of", { timeout: 20_000 }, async () => {
    welcome = { ...welcome, warnings: ["This version of the runner is old."] };
    const started = start("--referee", "--no-json");
    await expect.poll(() => started.lines.join("\n"), { timeout: 10_000 }).toContain("registered");
    const text = started.lines.join("\n");
    expect(text).toContain("the edge warns: This version of the runner is old.");
    expect(text).toContain("decides disagreements");
  });

  const banned = (response: ServerResponse) => {
    const problem = { code: "provider_banned", detail: "it is banned.", hint: "Appeal." };
    response.writeHead(403).end(JSON.stringify({ ...problem, type: "", title: "", status: 403 }));
  };

  it("ends with 6 when it is banned: why, until when, how to object", { timeout: 20_000 }, async () => {
    const id = launch("id", "--home", home);
    await id.exit;
    routes["/runner/register"] = banned;
    const ban = {
      reason: "wrong_answer",
      detail: "shard 3 of a job",
      since: "2026-01-01T00:00:00Z",
      until: "2026-01-08T00:00:00Z",
      appeal_until: "2026-01-04T00:00:00Z",
      appealed: false,
    };
    routes[`/providers/${id.lines[0]}`] = (response) => void response.end(JSON.stringify({ ban }));
    const started = start();
    expect(await started.exit).toBe(6);
    const text = started.lines.join("\n");
    const told = [
      "was found wrong (shard 3 of a job)",
      ban.until,
      ban.appeal_until,
      "infernet-runner appeal",
    ];
    for (const part of told) expect(text).toContain(part);
  });

  it("hands an objection in with the banned runner's own key", { timeout: 20_000 }, async () => {
    await launch("id", "--home", home).exit;
    routes["/runner/appeal"] = (response) => void response.writeHead(202).end();
    const appeal = launch("appeal", "--edge", edge(), "--home", home, "--message", "a cosmic ray");
    expect(await appeal.exit).toBe(0);
    expect(JSON.parse(bodies["/runner/appeal"] ?? "")).toEqual({ detail: "a cosmic ray" });
    expect(appeal.lines.join("\n")).toMatch(/has taken the objection of run_/);
  });

  it("ends with 4 and the edge's reason when an objection is refused", { timeout: 20_000 }, async () => {
    await launch("id", "--home", home).exit;
    routes["/runner/appeal"] = banned;
    const appeal = launch("appeal", "--edge", edge(), "--home", home, "--message", "no");
    expect(await appeal.exit).toBe(4);
    expect(appeal.lines.join("\n")).toContain("refused the objection");
  });

  it("makes no identity to object with", { timeout: 20_000 }, async () => {
    const appeal = launch("appeal", "--edge", edge(), "--home", home, "--message", "who?");
    expect(await appeal.exit).toBe(3);
    expect(await readdir(home)).toEqual([]);
  });

  it("ends at once with 130 on the second signal", { timeout: 20_000 }, async () => {
    const partition = formatPartition(1);
    const lease = {
      id: formatLeaseId(partition, UUID, 0),
      job_id: formatJobId(partition, UUID),
      shard: 0,
      model: Sha256.parse("0".repeat(64)),
      rows: [{ start: 0, count: 1 }],
      inputs: [{ name: "x", datatype: "UINT8", shape: [1], data: new Uint8Array(1) }],
      expires_ms: Date.now() + 60_000,
      lease_ms: 60_000,
      deadline_ms: Date.now() + 60_000,
    };
    routes["/runner/poll"] = (response) =>
      void response.end(encodeBinary({ leases: [lease], now_ms: Date.now() }));
    const started = start("--json");
    await heard(started, "leased");
    started.child.kill("SIGINT");
    // The edge never answers the submission, so the first signal alone would wait.
    await heard(started, "shard.handed_back");
    started.child.kill("SIGINT");
    expect(await started.exit).toBe(130);
  });

  it("refuses a home in use with 3 and names the process", { timeout: 20_000 }, async () => {
    const first = start("--json");
    await heard(first, "started");
    const second = start("--json");
    expect(await second.exit).toBe(3);
    expect(eventsOf(second)).toMatchObject([
      { event: "fatal", code: "home_in_use", detail: expect.stringContaining(String(first.child.pid)) },
    ]);
  });

  it("ends with 4 and the edge's reason when it is refused", { timeout: 20_000 }, async () => {
    routes["/runner/register"] = (response) => void response.writeHead(404).end();
    const started = start("--json");
    expect(await started.exit).toBe(4);
    expect(eventsOf(started).at(-1)).toMatchObject({
      event: "fatal",
      code: "edge_refused",
      detail: expect.stringContaining("does not look like an Infernet edge"),
    });
  });

  it("ends with 2 on an argument it cannot use", { timeout: 20_000 }, async () => {
    const started = launch("start", "--edge", "edge.example");
    expect(await started.exit).toBe(2);
    expect(started.lines.join("\n")).toContain("http or https address");
  });

  it("logs JSON lines without a terminal, and takes its settings from the file in the home", {
    timeout: 20_000,
  }, async () => {
    await writeFile(join(home, "config.toml"), `edge = "${edge()}"\nname = "attic"\n[limits]\nthreads = 1\n`);
    const started = launch("start", "--home", home);
    await heard(started, "registered");
    expect(JSON.parse(bodies["/runner/register"] ?? "")).toMatchObject({ name: "attic" });
  });

  it("ends with 2 on a setting with a typo, and says which was meant", { timeout: 20_000 }, async () => {
    await writeFile(join(home, "config.toml"), `edge = "${edge()}"\n\n[limits]\ncoers = 1\n`);
    const started = launch("start", "--home", home);
    expect(await started.exit).toBe(2);
    expect(eventsOf(started)).toMatchObject([
      { code: "config_invalid", detail: expect.stringMatching(/line 4: .*did you mean 'cores'\?$/) },
    ]);
  });

  it("ends with 2 when no edge is set", { timeout: 20_000 }, async () => {
    const started = launch("start", "--home", home);
    expect(await started.exit).toBe(2);
    expect(eventsOf(started)).toMatchObject([{ code: "edge_unset" }]);
  });

  it("shows each setting with where it comes from", { timeout: 20_000 }, async () => {
    await writeFile(join(home, "config.toml"), 'name = "attic"\n');
    const shown = launch("config", "show", "--home", home, "--json");
    expect(await shown.exit).toBe(0);
    const { settings } = JSON.parse(shown.lines.join(""));
    expect(settings.name).toMatchObject({ value: "attic", from: "file", line: 1 });
    expect(settings["metrics.port"]).toMatchObject({ value: 0, from: "environment" });
    expect(settings["log.files"]).toMatchObject({ value: 5, from: "default" });
  });

  it("prints its id alone, the same each time", { timeout: 20_000 }, async () => {
    const first = launch("id", "--home", home);
    expect(await first.exit).toBe(0);
    const again = launch("id", "--home", home);
    expect(await again.exit).toBe(0);
    expect(first.lines).toEqual([expect.stringMatching(/^run_[a-z2-7]{52}$/)]);
    expect(again.lines).toEqual(first.lines);
  });
});
