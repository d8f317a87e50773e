/**
 * A process that outlives the runner which started it, however that one ends: when its standard input is closed, it ends
 * what containers the runner has left, and itself. A runner that was killed cannot do that, and may never be started again.
 *
 * Arguments: the container engine's program, and the label of the runner's containers.
 */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const [cli = "", label = ""] = process.argv.slice(2);
const run = promisify(execFile);
const PAUSE_MS = 1_000;
const TRIES = 10;
/** A container may still be on its way when the runner dies. */
const QUIET_TRIES = 2;

process.stdin.resume();
await once(process.stdin, "close");

for (let tries = 0, quiet = 0; tries < TRIES && quiet < QUIET_TRIES; tries++) {
  const { stdout } = await run(cli, ["ps", "--all", "--quiet", "--filter", `label=${label}`]).catch(() => ({
    stdout: "",
  }));
  const ids = stdout.split("\n").filter((line) => line !== "");
  quiet = ids.length === 0 ? quiet + 1 : 0;
  for (const id of ids) await run(cli, ["rm", "--force", id]).catch(() => undefined);
  await sleep(PAUSE_MS);
}
