import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { decideGap } from "./gap-watch.ts";

const GAP_MS = 10_000;

describe("a gap", () => {
  it("is a look at the clock that comes much too late", () => {
    expect(decideGap({ due_ms: 2_500, steady_ms: 3_000, wall_ms: 3_000 }, GAP_MS)).toBe(0);
    expect(decideGap({ due_ms: 2_500, steady_ms: 62_500, wall_ms: 62_500 }, GAP_MS)).toBe(60_000);
  });

  it("is a sleep during which the steady clock stood still", () => {
    expect(decideGap({ due_ms: 2_500, steady_ms: 2_500, wall_ms: 3_602_500 }, GAP_MS)).toBe(3_600_000);
  });

  it("is a clock that was set, in either direction", () => {
    expect(decideGap({ due_ms: 2_500, steady_ms: 2_500, wall_ms: -30_000 }, GAP_MS)).toBe(32_500);
    expect(decideGap({ due_ms: 2_500, steady_ms: 2_500, wall_ms: 2_900 }, GAP_MS)).toBe(0);
  });
});

it("a process that was stopped and goes on notices that it stood still", { timeout: 20_000 }, async () => {
  const watch = new URL("./gap-watch.ts", import.meta.url).href;
  const program = `
    import { watchGaps } from ${JSON.stringify(watch)};
    const stop = new AbortController();
    watchGaps({ signal: stop.signal, gap_ms_min: 500, onGap: (ms) => { console.log(ms); process.exit(); } });
    console.log("watching");
    setInterval(() => undefined, 1_000);`;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout });
  try {
    expect((await once(lines, "line"))[0]).toBe("watching");
    child.kill("SIGSTOP");
    // For as long as the machine is meant to be away.
    await sleep(700);
    const said = once(lines, "line");
    child.kill("SIGCONT");
    const gap_ms = Number((await said)[0]);
    expect(gap_ms).toBeGreaterThanOrEqual(500);
  } finally {
    child.kill("SIGKILL");
  }
});
