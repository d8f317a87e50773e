import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCommandIn } from "../cli/testing/run-command.ts";
import { createEchoEngine } from "../engine/echo-engine.ts";
import { lockHome } from "../identity/home-lock.ts";
import { logPath, openLogFile } from "../log/log-file.ts";
import { createRunner } from "../runner.ts";
import { MemoryEdge } from "../transport/memory-edge.ts";
import type { RunnerEvent } from "../work/runner-event.ts";
import { HOME_FILES } from "./home-files.ts";

describe("infernet-runner uninstall", () => {
  let folder: string;
  let home: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "infernet-uninstall-"));
    home = join(folder, "home");
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Without the services of whoever runs this test. */
  const uninstall = (...flags: string[]) =>
    runCommandIn({ XDG_CONFIG_HOME: join(folder, "xdg") }, "uninstall", "--home", home, ...flags);
  const isThere = (path: string): Promise<boolean> =>
    stat(path).then(
      () => true,
      () => false,
    );

  async function fill(): Promise<void> {
    for (const { name } of HOME_FILES) {
      if (/\.|signed/.test(name)) {
        await mkdir(home, { recursive: true });
        await writeFile(join(home, name), name === "runner.lock" || name === "images.json" ? "" : name);
      } else {
        await mkdir(join(home, name, "deeper"), { recursive: true });
        await writeFile(join(home, name, "deeper/file"), "bytes");
      }
    }
  }

  it("leaves nothing but the name and what proves what it signed", async () => {
    await fill();
    const { code, stdout } = await uninstall("--yes");
    expect(code).toBe(0);
    expect((await readdir(home)).sort()).toEqual([
      "aggregate",
      "aggregators",
      "client.key",
      "direct",
      "identity.key",
      "sealing.key",
      "signed-leases",
      "signed-leases.old",
    ]);
    expect(stdout).toContain("--identity removes them");
  });

  it("leaves nothing at all where the identity is to go too", async () => {
    await fill();
    expect((await uninstall("--yes", "--identity")).code).toBe(0);
    expect(await readdir(folder)).toEqual([]);
  });

  it("leaves nothing of a runner that has really been there", async () => {
    const edge = new MemoryEdge();
    const events: RunnerEvent[] = [];
    const log = (event: RunnerEvent): void => void events.push(event);
    const runner = await createRunner({
      edge: "memory:",
      home,
      engines: [createEchoEngine()],
      log,
      connect: () => edge,
    });
    const file = openLogFile({ path: logPath(home), file_bytes: 100, files: 2, onFailure: () => undefined });
    file.write("a line\n");
    file.close();
    const ended = runner.run();
    await expect.poll(() => events.some(({ event }) => event === "registered")).toBe(true);
    runner.drain();
    await ended;
    expect((await readdir(home)).length).toBeGreaterThan(3);
    const { code, stdout } = await uninstall("--yes", "--identity", "--json");
    expect({ code, told: JSON.parse(stdout) }).toMatchObject({ code: 0, told: { foreign: [], kept: [] } });
    expect(await readdir(folder)).toEqual([]);
  });

  it("touches nothing while a runner lives there", async () => {
    await fill();
    await rm(join(home, "runner.lock"));
    const lock = await lockHome(home);
    const { code, stderr } = await uninstall("--yes");
    await lock.release();
    expect({ code, stderr }).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(`process id ${process.pid}`),
    });
    expect(await isThere(join(home, "cache/deeper/file"))).toBe(true);
  });

  it("removes nothing that nobody has agreed to", async () => {
    await fill();
    const { code, stderr } = await uninstall();
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining("--yes") });
    expect(await isThere(join(home, "cache"))).toBe(true);
  });

  it("leaves what somebody else has put there, and says so", async () => {
    await fill();
    await writeFile(join(home, "thesis.txt"), "years of work");
    const { stdout } = await uninstall("--yes", "--identity");
    expect(stdout).toContain("not the runner's: thesis.txt");
    expect(await readdir(home)).toEqual(["thesis.txt"]);
    expect(await readFile(join(home, "thesis.txt"), "utf8")).toBe("years of work");
  });

  it("has nothing to do where nothing is", async () => {
    expect(await uninstall("--yes")).toMatchObject({ code: 0, stdout: expect.stringContaining("nothing") });
  });
});
