import { mkdir, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LogFile, openLogFile } from "./log-file.ts";
import { followLog, readLastLines } from "./read-log.ts";

describe("the log of a runner", () => {
  let folder: string;
  let path: string;
  let log: LogFile;
  const failures: string[] = [];

  const open = (file_bytes = 100, files = 3) => {
    log = openLogFile({ path, file_bytes, files, onFailure: (detail) => failures.push(detail) });
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "infernet-log-"));
    path = join(folder, "logs", "runner.jsonl");
    failures.length = 0;
  });
  afterEach(async () => {
    log.close();
    await rm(folder, { recursive: true, force: true });
  });

  const lineOf = (n: number): string => `{"n":${String(n).padStart(4, "0")}}`;
  const write = (from: number, to: number): void => {
    for (let n = from; n < to; n++) log.write(`${lineOf(n)}\n`);
  };

  it("begins a new file when one is full, keeps as many as it is told to, and splits no line", async () => {
    open();
    write(0, 50);
    expect((await readdir(join(folder, "logs"))).toSorted()).toEqual([
      "runner.jsonl",
      "runner.jsonl.1",
      "runner.jsonl.2",
    ]);
    const texts = await Promise.all([".2", ".1", ""].map((end) => readFile(`${path}${end}`, "utf8")));
    for (const text of texts) {
      expect(text.length).toBeLessThanOrEqual(100);
      expect(text.endsWith("\n")).toBe(true);
    }
    const kept = texts.join("").trimEnd().split("\n");
    expect(kept.at(-1)).toBe(lineOf(49));
    expect(kept).toEqual(kept.toSorted());
  });

  it("goes on where it was after a restart, and can be read by its owner alone", async () => {
    open(1_000);
    write(0, 3);
    log.close();
    open(1_000);
    write(3, 5);
    expect(await readLastLines(path, 100)).toEqual([0, 1, 2, 3, 4].map(lineOf));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it("takes a line that is larger than a file", () => {
    open(10, 2);
    write(0, 3);
    expect(failures).toEqual([]);
  });

  it("gives the last lines over as many files as it takes, and nothing where there is none", async () => {
    open();
    expect(await readLastLines(join(folder, "none"), 5)).toBeNull();
    write(0, 20);
    expect(await readLastLines(path, 12)).toEqual(Array.from({ length: 12 }, (_, i) => lineOf(i + 8)));
    expect(await readLastLines(path, 2)).toEqual([lineOf(18), lineOf(19)]);
  });

  it("is followed over the files that are begun meanwhile, line by line", async () => {
    open();
    write(0, 5);
    const stop = new AbortController();
    const lines: string[] = [];
    const following = (async () => {
      for await (const line of followLog(path, stop.signal)) {
        lines.push(line);
        // The next are written when these were read, so that each file is there to be read.
        const next = 5 + lines.length;
        if (next < 40) write(next, next + 1);
      }
    })();
    // Written until the follower has seen the first: it skips what was there when it came.
    await expect
      .poll(() => {
        if (lines.length === 0) log.write(`${lineOf(5)}\n`);
        return lines.length;
      })
      .toBeGreaterThan(30);
    stop.abort();
    await following;
    const distinct = [...new Set(lines)];
    expect(distinct).toEqual(distinct.toSorted());
    expect(distinct.length).toBeGreaterThan(30);
  });

  it("says once that it cannot be written, and does not stop the work", async () => {
    await mkdir(path, { recursive: true });
    open();
    write(0, 3);
    expect(failures).toEqual([expect.stringContaining("no more log is kept")]);
  });
});
