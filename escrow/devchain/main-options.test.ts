import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { parseMainOptions } from "./main-options.ts";

const PROGRAM = "So11111111111111111111111111111111111111112";
const folder = mkdtempSync(join(tmpdir(), "devchain-"));
const file = join(folder, "a=b.so");
writeFileSync(file, "elf");
afterAll(() => rmSync(folder, { recursive: true }));

test("without options it is a plain chain on the usual port", () => {
  expect(parseMainOptions([])).toMatchObject({
    port: 8899,
    slot_ms: 100,
    lags: { confirmed: 1, finalized: 2 },
    programs: [],
    json: false,
  });
});

test("options are taken", () => {
  const argv = ["--port", "0", "--slot-ms", "50", "--confirmed-slots", "3", "--finalized-slots", "9"];
  const options = parseMainOptions([
    ...argv,
    "--program",
    `${PROGRAM}=${file}`,
    "--faults",
    '{"delay_slots":2}',
  ]);
  expect(options).toMatchObject({
    port: 0,
    slot_ms: 50,
    lags: { confirmed: 3, finalized: 9 },
    programs: [{ id: PROGRAM, elf: Uint8Array.from(Buffer.from("elf")) }],
    faults: { delay_slots: 2 },
  });
});

test.each([
  [["--fork"], "Unknown option '--fork'"],
  [["extra"], "Unexpected argument 'extra'"],
  [["--port", "70000"], "--port: it must be a whole number from 0 to 65535."],
  [["--slot-ms", "1"], "--slot-ms: it must be a whole number from 10 to 60000."],
  [["--confirmed-slots", "5"], "--finalized-slots: it must be at least --confirmed-slots."],
  [["--genesis-hash", "devnet"], "--genesis-hash: it must be 32 bytes in base58."],
  [["--program", "x=y"], "--program: it must be ID=FILE"],
  [["--program", `${PROGRAM}=/nowhere.so`], "--program: /nowhere.so cannot be read."],
  [["--faults", "{"], "--faults: "],
  [["--faults", '{"drop_share":2}'], "--faults: drop_share must be a number from 0 to 1."],
])("%j is refused with its rule", (argv, message) => {
  expect(() => parseMainOptions(argv)).toThrow(message);
});
