import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockHome } from "./home-lock.ts";

describe("the lock on a home", () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "infernet-lock-"));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it("refuses a second runner and names the first one's process", async () => {
    await lockHome(home);
    await expect(lockHome(home)).rejects.toMatchObject({
      code: "home_in_use",
      message: expect.stringContaining(String(process.pid)),
    });
  });

  it("is free again once released", async () => {
    await (await lockHome(home)).release();
    expect(await readdir(home)).toEqual([]);
    await lockHome(home);
  });

  it("is taken over from a runner that is gone", async () => {
    const gone = spawn(process.execPath, ["-e", ""]);
    await once(gone, "exit");
    await writeFile(join(home, "runner.lock"), JSON.stringify({ pid: gone.pid, started: "1" }));
    await lockHome(home);
    expect(JSON.parse(await readFile(join(home, "runner.lock"), "utf8"))).toMatchObject({ pid: process.pid });
    expect(await readdir(home)).toEqual(["runner.lock"]);
  });

  it.runIf(process.platform === "linux")(
    "is taken over when its process id is now another process",
    async () => {
      await writeFile(join(home, "runner.lock"), JSON.stringify({ pid: process.pid, started: "1" }));
      await lockHome(home);
    },
  );

  it("is taken over when it is not readable as a lock", async () => {
    await writeFile(join(home, "runner.lock"), "");
    await lockHome(home);
  });
});
