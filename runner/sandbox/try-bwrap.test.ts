import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, expect, it, vi } from "vitest";
import { detectSandboxes, findBestSandbox } from "./detect-sandboxes.ts";
import { findProgram } from "./find-program.ts";
import { asOrdinaryUser, whyNotOrdinary } from "./testing/as-ordinary-user.ts";
import { tryBwrap } from "./try-bwrap.ts";

const run = promisify(execFile);

/** Tries bubblewrap in another process and prints what came of it. */
const PROGRAM = `
  const { tryBwrap } = await import(${JSON.stringify(new URL("./try-bwrap.ts", import.meta.url).href)});
  const { sandbox, reason, fix } = await tryBwrap();
  console.log(JSON.stringify({ usable: sandbox !== null, reason, fix }));
`;
const NODE = [process.execPath, "--input-type=module", "-e", PROGRAM];

const here = await tryBwrap();
const unshare = findProgram("unshare");
const obstacle = whyNotOrdinary();
if (here.reason !== null) console.warn(`skipped: bubblewrap is not tried further, for ${here.reason}`);
if (obstacle !== null) console.warn(`skipped: an ordinary user's bubblewrap, for ${obstacle}`);
if (unshare === null) console.warn("skipped: without unshare no kernel can be made to refuse");

afterEach(() => vi.unstubAllEnvs());

it("says that bubblewrap is not installed, and how to get it", async () => {
  vi.stubEnv("PATH", "/nowhere");
  expect(await tryBwrap()).toMatchObject({
    sandbox: null,
    reason: expect.stringMatching(/not installed|needs Linux/),
    fix: expect.stringMatching(/Install|Linux/),
  });
});

it.skipIf(here.sandbox === null)(
  "finds every level up to bubblewrap, each tried, and takes the most",
  async () => {
    const { findings, best } = await detectSandboxes();
    expect(findings.map(({ level, usable }) => ({ level, usable }))).toEqual([
      { level: "none", usable: true },
      { level: "process", usable: true },
      { level: "bwrap", usable: true },
    ]);
    expect(best.level).toBe("bwrap");
  },
);

it.skipIf(here.sandbox === null)(
  "tries nothing below the most that it finds, where time counts",
  async () => {
    const { findings, best } = await findBestSandbox();
    expect(findings.map(({ level }) => level)).toEqual(["bwrap"]);
    expect(best.level).toBe("bwrap");
  },
);

it.skipIf(here.sandbox === null || obstacle !== null)("works for an ordinary user", async () => {
  expect(JSON.parse(await asOrdinaryUser(PROGRAM))).toEqual({ usable: true, reason: null, fix: null });
});

it.skipIf(here.sandbox === null || unshare === null)(
  "names the kernel's setting that forbids it, and the command that changes it",
  async () => {
    const script = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"';
    const args = ["--user", "--map-root-user", "sh", "-c", script, "sh", ...NODE];
    const { stdout } = await run(unshare as string, args);
    expect(JSON.parse(stdout)).toMatchObject({
      usable: false,
      reason: expect.stringMatching(/max_user_namespaces is 0/),
      fix: expect.stringMatching(/sysctl -w user\.max_user_namespaces/),
    });
  },
);
