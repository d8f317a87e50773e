import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { EarningView } from "@infernet/schemas/earning";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { jobOf, payoutOf, sumsOf } from "./testing/a-book.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

interface Answer {
  status?: number;
  json: unknown;
}

interface Ran {
  code: unknown;
  stdout: string;
  stderr: string;
}

const refusal = (status: number, code: string, detail: string): Answer => ({
  status,
  json: { code, detail, hint: "Do this.", type: "", title: "", status },
});

describe("an owner's commands", { timeout: 30_000 }, () => {
  let home: string;
  let server: Server;
  let answer: (method: string, url: URL) => Answer | null;
  let signatures: string[];

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "infernet-owner-"));
    signatures = [];
    server = createServer(async (request: IncomingMessage, response) => {
      signatures.push(String(request.headers["signature-input"]));
      await text(request);
      const found = answer(request.method ?? "", new URL(request.url ?? "", "http://edge"));
      if (found === null) response.destroy();
      else response.writeHead(found.status ?? 200).end(JSON.stringify(found.json));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    await run("id", "--home", home);
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(home, { recursive: true, force: true });
  });

  const edge = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const run = async (...args: string[]): Promise<Ran> => {
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    const exit = once(child, "close");
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { code: (await exit)[0], stdout, stderr };
  };
  const owner = (command: string, ...flags: string[]) =>
    run(command, "--edge", edge(), "--home", home, ...flags);

  /** An edge that has these jobs, and answers as many of them as it is asked for. */
  const has =
    (jobs: EarningView[], sums = [sumsOf({ payable_micro: "1250000" })]): typeof answer =>
    (method, url) => {
      if (method === "GET" && url.pathname === "/providers/me/payouts")
        return { json: { data: [payoutOf(1)], next_cursor: null } };
      if (method !== "GET" || url.pathname !== "/providers/me/earnings") return null;
      const start = Number(url.searchParams.get("cursor") ?? 0);
      const end = start + Number(url.searchParams.get("limit"));
      const next_cursor = end < jobs.length ? String(end) : null;
      return { json: { sums, data: jobs.slice(start, end), next_cursor } };
    };
  const jobs = (n: number): EarningView[] => Array.from({ length: n }, (_, i) => jobOf(n - i));

  it("tell what was earned, in at most 20 jobs, and the command that comes next", async () => {
    answer = has(jobs(25));
    const { code, stdout, stderr } = await owner("earnings");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout.match(/^ {2}job_/gm)).toHaveLength(20);
    expect(stdout).toMatch(/^Earnings of run_\w{52} at http/);
    expect(stdout).toContain("payable     1.250000  credit");
    expect(stdout).toContain("pay_00");
    expect(stdout.trimEnd().split("\n").at(-1)).toBe(
      `1.250000 credit can be sent now: infernet-runner withdraw --edge ${edge()} --home ${home}`,
    );
    expect(signatures.every((input) => input.includes('"@query"'))).toBe(true);
  });

  it("list as many jobs as they are told to, over several pages", async () => {
    answer = has(jobs(130));
    const { stdout } = await owner("earnings", "--limit", "120");
    expect(stdout.match(/^ {2}job_/gm)).toHaveLength(120);
    expect(stdout).toContain("Older ones");
  });

  it("say why nothing has been earned yet", async () => {
    answer = (_, { pathname }) =>
      pathname.endsWith("/earnings")
        ? { json: { sums: [], data: [], next_cursor: null } }
        : { json: { data: [], next_cursor: null } };
    const { code, stdout } = await owner("earnings");
    expect(code).toBe(0);
    expect(stdout).toContain("no paid job that this machine worked on has ended");
  });

  it("print every job as CSV", async () => {
    answer = has(jobs(230));
    const { code, stdout } = await owner("earnings", "--csv");
    expect(code).toBe(0);
    const records = stdout.split("\r\n");
    expect(records).toHaveLength(232);
    expect(records[230]).toContain(`${jobOf(1).job_id},credit,,3,2,1000000,held,`);
  });

  it("keep what CSV has been written when a later page fails, and end with 4", async () => {
    const first = has(jobs(230));
    answer = (method, url) => (url.searchParams.has("cursor") ? null : first(method, url));
    const { code, stdout, stderr } = await owner("earnings", "--csv");
    expect(code).toBe(4);
    expect(stdout.split("\r\n")).toHaveLength(102);
    expect(stderr).toContain("does not answer");
  });

  it("end quietly when the reader of the CSV has enough", async () => {
    answer = has(jobs(5_000));
    const child = spawn(process.execPath, [MAIN, "earnings", "--edge", edge(), "--home", home, "--csv"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const exit = once(child, "close");
    child.stdout.once("data", () => child.stdout.destroy());
    expect(await text(child.stderr)).toBe("");
    expect((await exit)[0]).toBe(0);
  });

  it("print the sums and every job as one JSON object", async () => {
    answer = has(jobs(101));
    const { stdout } = await owner("earnings", "--json");
    expect(JSON.parse(stdout)).toEqual({ sums: [sumsOf({ payable_micro: "1250000" })], data: jobs(101) });
  });

  it("end with 2 on two formats, or on a limit of what is printed whole", async () => {
    expect(await owner("earnings", "--csv", "--json")).toMatchObject({ code: 2, stdout: "" });
    expect(await owner("earnings", "--csv", "--limit", "3")).toMatchObject({ code: 2, stdout: "" });
  });

  it("end with 4 and say what to do on an edge that has never seen the machine", async () => {
    answer = () => refusal(404, "not_found", "No provider of this id has registered here.");
    const { code, stdout, stderr } = await owner("earnings");
    expect([code, stdout]).toEqual([4, ""]);
    expect(stderr).toContain("No provider of this id has registered here. (not_found)");
    expect(stderr).toContain("Run `infernet-runner start`");
  });

  it("order a payout and say how to see what comes of it", async () => {
    answer = (method, { pathname }) =>
      method === "POST" && pathname === "/providers/me/payouts"
        ? { status: 202, json: { data: [payoutOf(1).order] } }
        : null;
    const { code, stdout } = await owner("withdraw");
    expect(code).toBe(0);
    expect(stdout).toContain("Ordered 1.250000 credit");
    expect(stdout).toContain(`infernet-runner earnings --edge ${edge()} --home ${home}`);
    const json = await owner("withdraw", "--json");
    expect(JSON.parse(json.stdout)).toEqual({ data: [payoutOf(1).order] });
  });

  it.each([
    ["payout_cooling", "payouts go on at 2026-01-03T00:00:00.000Z"],
    ["payout_too_small", "9999 of credit micro-units can be sent from one place; it takes at least 10000"],
  ])("end with 4 and the edge's reason when a payout is refused: %s", async (code, detail) => {
    answer = () => refusal(409, code, detail);
    const ran = await owner("withdraw");
    expect([ran.code, ran.stdout]).toEqual([4, ""]);
    expect(ran.stderr).toContain(`refused the payout. POST /providers/me/payouts: ${detail} (${code})`);
    expect(ran.stderr).toContain("Run `infernet-runner earnings` to see what is payable");
  });

  it("make no identity to ask with", async () => {
    await rm(join(home, "identity.key"));
    expect(await owner("earnings")).toMatchObject({ code: 3, stdout: "" });
    expect(await owner("withdraw")).toMatchObject({ code: 3, stdout: "" });
  });
});
