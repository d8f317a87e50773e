import { execFile, execFileSync } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { LIMITS } from "@infernet/schemas/limits";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { runCommandIn } from "../cli/testing/run-command.ts";
import { planService } from "./plan-service.ts";
import { renderPlist } from "./render-plist.ts";
import { quoteForSystemd, renderUnit } from "./render-unit.ts";

const GIB = 1024 ** 3;
const isLinux = process.platform === "linux";
const missing = whyNotVerified();
if (missing !== null) console.warn(`skipped, units held against systemd itself: ${missing}`);

const settings = { "limits.memory_share": 1, "limits.cores": undefined };
const machine = { memory_bytes: 16 * GIB, node: process.execPath, program: "/opt/infernet/bin.js" };
let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "infernet-service-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

describe("a service", () => {
  it("is held to what its owner gives, and has longer to stop than draining takes", () => {
    const limits = { "limits.memory_share": 0.5, "limits.cores": 3 };
    const unit = renderUnit(planService(limits, { home: "/h" }, machine), { kind: "user" });
    expect(unit).toContain(`MemoryMax=${8 * GIB + GIB / 2}\n`);
    expect(unit).toContain("CPUQuota=300%\n");
    expect(unit).toContain("Restart=on-failure\n");
    const stop_s = Number(unit.match(/TimeoutStopSec=(\d+)/)?.[1]);
    expect(stop_s * 1_000).toBeGreaterThan(LIMITS.runner_drain_ms_max + LIMITS.runner_flush_ms_max);
  });

  it("leaves a machine some memory where its owner says nothing, and every core", () => {
    const unit = renderUnit(planService(settings, { home: "/h" }, machine), { kind: "user" });
    expect(unit).toContain("MemoryMax=95%\n");
    expect(unit).not.toContain("CPUQuota");
  });

  it("forbids nothing that bubblewrap or rootless podman need", () => {
    const plan = planService(settings, { home: "/h" }, machine);
    for (const scope of [{ kind: "user" }, { kind: "system", user: "ada" }] as const)
      expect(renderUnit(plan, scope)).not.toMatch(
        /NoNewPrivileges|RestrictNamespaces|ProtectKernel|ProtectProc|ProtectControlGroups|PrivateDevices|RestrictSUIDSGID|SystemCallFilter/,
      );
  });

  it("is not made of a program that npx may throw away", () => {
    const passing = {
      ...machine,
      program: "/home/ada/.npm/_npx/abc/node_modules/infernet-runner/dist/bin.js",
    };
    expect(() => planService(settings, { home: "/h" }, passing)).toThrow("npx's own copy");
  });

  it("writes arguments so that systemd reads them as they are", () => {
    expect(["/a/b-c.js", "with space", 'quo"te', "50%", "$HOME", "back\\slash"].map(quoteForSystemd)).toEqual(
      ["/a/b-c.js", '"with space"', '"quo\\"te"', "50%%", '"$$HOME"', '"back\\\\slash"'],
    );
  });

  it("is an agent that starts again after a failure on a Mac", () => {
    const plist = renderPlist(planService(settings, { home: "/Users/a&b" }, machine));
    expect(plist).toContain("<string>/Users/a&amp;b</string>");
    expect(plist).toMatch(/<key>SuccessfulExit<\/key>\s*<false\/>/);
    expect(plist).toMatch(/<key>ExitTimeOut<\/key>\s*<integer>40<\/integer>/);
  });

  it.skipIf(missing !== null)("is a unit that systemd itself finds nothing wrong with", async () => {
    const plan = planService(
      settings,
      { home: "/h", config: "/a folder/50%.toml" },
      { ...machine, program: process.execPath },
    );
    for (const scope of [{ kind: "user" }, { kind: "system", user: "daemon" }] as const) {
      const file = join(home, "infernet-runner.service");
      await writeFile(file, renderUnit(plan, scope));
      const { stdout, stderr } = await promisify(execFile)("systemd-analyze", ["verify", file]);
      expect(stdout + stderr).toBe("");
    }
  });
});

const State = z.strictObject({
  file: z.string(),
  installed: z.boolean(),
  enabled: z.boolean(),
  active: z.boolean(),
});

describe.runIf(isLinux)("infernet-runner service", () => {
  /** A systemctl that says yes, and writes down what it was asked. */
  const withSystemctl = async (script = 'echo "$*" >> "$CALLS"') => {
    const file = join(home, "systemctl");
    await writeFile(file, `#!/bin/sh\n${script}\n`);
    await chmod(file, 0o755);
    const CALLS = join(home, "calls");
    return { PATH: `${home}:${process.env.PATH}`, XDG_CONFIG_HOME: join(home, "xdg"), CALLS };
  };
  const unit = (): string => join(home, "xdg/systemd/user/infernet-runner.service");

  it("installs, tells and removes this user's service", async () => {
    const environment = await withSystemctl();
    await writeFile(join(home, "config.toml"), 'edge = "https://edge.example"\n');
    const installed = await runCommandIn(environment, "service", "install", "--home", home);
    expect(installed).toMatchObject({ code: 0, stdout: expect.stringContaining(unit()) });
    expect(await readFile(unit(), "utf8")).toContain(`start --json --home ${home}`);
    const state = await runCommandIn(environment, "service", "status", "--json");
    expect(State.parse(JSON.parse(state.stdout))).toEqual({
      file: unit(),
      installed: true,
      enabled: true,
      active: true,
    });
    expect((await runCommandIn(environment, "service", "uninstall")).code).toBe(0);
    expect(await readdir(join(home, "xdg/systemd/user"))).toEqual([]);
    expect((await readFile(join(home, "calls"), "utf8")).split("\n")).toEqual(
      expect.arrayContaining([
        "--user daemon-reload",
        "--user enable infernet-runner.service",
        "--user restart infernet-runner.service",
        "--user disable --now infernet-runner.service",
      ]),
    );
  });

  it("prints what it would write, and changes nothing", async () => {
    const environment = await withSystemctl();
    const flags = ["--home", home, "--system", "--user", "ada", "--print"];
    const { code, stdout } = await runCommandIn(environment, "service", "install", ...flags);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("User=ada\n") });
    expect((await readdir(home)).sort()).toEqual(["systemctl"]);
  });

  it("does not install what could not start: without an edge in the settings", async () => {
    const environment = { ...(await withSystemctl()), INFERNET_EDGE: "https://edge.example" };
    const { code, stderr } = await runCommandIn(environment, "service", "install", "--home", home);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining("no edge is set") });
    expect(await readdir(home)).toEqual(["systemctl"]);
  });

  it("says what systemd said where it refuses", async () => {
    const environment = await withSystemctl("echo 'Failed to connect to bus: No medium found' >&2; exit 1");
    await writeFile(join(home, "config.toml"), 'edge = "https://edge.example"\n');
    const { code, stderr } = await runCommandIn(environment, "service", "install", "--home", home);
    expect(code).toBe(3);
    expect(stderr).toContain("Failed to connect to bus");
    expect(stderr).toContain("needs that user's session");
  });
});

it.runIf(isLinux)("says that no service is installed, and where it would be", async () => {
  const { code, stdout } = await runCommandIn({ XDG_CONFIG_HOME: join(home, "xdg") }, "service", "status");
  expect(code).toBe(0);
  expect(stdout).toBe(
    `not installed (it would be ${join(home, "xdg/systemd/user/infernet-runner.service")})\n`,
  );
});

function whyNotVerified(): string | null {
  try {
    execFileSync("systemd-analyze", ["--version"], { stdio: "ignore" });
    return null;
  } catch {
    return "systemd-analyze is not installed";
  }
}
