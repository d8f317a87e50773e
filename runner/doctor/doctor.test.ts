import { chmod, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { runCommand } from "../cli/testing/run-command.ts";
import { loadIdentity } from "../identity/identity.ts";
import { askNetwork } from "./ask-network.ts";
import { type Check, pass } from "./check.ts";
import { runChecks } from "./run-checks.ts";

const Report = z.strictObject({
  ok: z.boolean(),
  checks: z.array(
    z.strictObject({
      name: z.string(),
      status: z.enum(["pass", "warn", "fail"]),
      detail: z.string(),
      fix: z.string().nullable(),
    }),
  ),
});

describe("infernet-runner doctor", () => {
  let home: string;
  let server: Server;
  let answers: Record<string, object>;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "infernet-doctor-"));
    answers = { "/network": networkNow(0) };
    server = createServer((request, response) => {
      const path = request.url ?? "";
      const key = path.startsWith("/providers/") ? "/providers" : path;
      const body = answers[key];
      response.writeHead(body === undefined ? 404 : 200, { "content-type": "application/json" });
      response.end(JSON.stringify(body ?? {}));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve));
    await rm(home, { recursive: true, force: true });
  });

  const edge = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const doctor = async (...flags: string[]) => {
    const { code, stdout } = await runCommand("doctor", "--home", home, "--json", ...flags);
    const { ok, checks } = Report.parse(JSON.parse(stdout));
    return { code, ok, of: (name: string) => checks.find((check) => check.name === name) };
  };

  it("examines a machine that can work, ends with 0, and changes nothing", async () => {
    const { id } = await loadIdentity(home);
    answers["/providers"] = { ban: null };
    const { code, ok, of } = await doctor("--edge", edge());
    expect({ code, ok }).toEqual({ code: 0, ok: true });
    expect(of("identity")).toMatchObject({ status: "pass", detail: id });
    expect(of("edge")).toMatchObject({ status: "pass" });
    expect(of("clock")).toMatchObject({ status: "pass" });
    expect(of("standing")).toMatchObject({ status: "pass", detail: "registered, and in good standing" });
    expect(of("engines")?.detail).toMatch(/^onnx \S+ on \w+ in \w+/);
    expect(await readdir(home)).toEqual(["identity.key"]);
  });

  it("names what keeps a machine from work, each with its fix, and ends with 9", async () => {
    await loadIdentity(home);
    await chmod(join(home, "identity.key"), 0o644);
    await writeFile(join(home, "config.toml"), 'edgee = "https://edge.example"\n');
    answers["/network"] = networkNow(-3_600_000);
    const { code, ok, of } = await doctor("--edge", edge());
    expect({ code, ok }).toEqual({ code: 9, ok: false });
    expect(of("identity")).toMatchObject({ status: "fail", fix: expect.stringContaining("chmod 600") });
    expect(of("settings")).toMatchObject({ status: "fail", detail: expect.stringContaining("edgee") });
    expect(of("clock")).toMatchObject({ status: "fail", detail: expect.stringMatching(/36\d\d s ahead/) });
  });

  it("tells an edge from another service that answers there", async () => {
    answers["/network"] = { welcome: "to nginx" };
    expect(await askNetwork(edge())).toEqual({
      kind: "none",
      detail: expect.stringContaining("does not look like an Infernet edge"),
    });
  });
});

it("a check that hangs or breaks is a finding of its own, and holds nobody up", async () => {
  const examine = (name: string, examine: Check["examine"]): Check => ({ name, examine });
  const patient = {
    home: "/h",
    config: undefined,
    edge: undefined,
    askNetwork: async () => ({ kind: "unset" as const }),
  };
  const found = await runChecks(
    [
      examine("hangs", () => new Promise(() => undefined)),
      examine("breaks", () => Promise.reject(new Error("no"))),
      examine("works", async () => pass("well")),
    ],
    patient,
    50,
  );
  expect(found.map(({ name, status }) => `${name} ${status}`)).toEqual([
    "hangs fail",
    "breaks fail",
    "works pass",
  ]);
});

function networkNow(offset_ms: number): object {
  return {
    object: "network",
    network: `net_${"A".repeat(43)}`,
    version: "0.1.0",
    now_ms: Date.now() + offset_ms,
    epoch_ms: 600_000,
    epoch: 0,
    hold_ms: 1,
    escrows: null,
  };
}
