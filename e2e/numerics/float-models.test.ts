import { gatherRows, sliceRows } from "@infernet/schemas/tensor-rows";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTempFolder } from "../network/temp-folder.ts";
import { compareRuns, pairsOf } from "./compare-runs.ts";
import { FEW, type HonestRun, runOnCpu, runOnWasm, runOnWebGpu, USUAL } from "./honest-runs.ts";
import { type Fraud, runFraud, runFrauds } from "./run-frauds.ts";
import { glyphsSubject, narrowSubject, wideSubjects } from "./subjects.ts";

const folder = createTempFolder();
afterAll(() => folder.remove());

/** Rows of one audit at least. */
const AUDIT_ROWS = 4;

describe.each(wideSubjects(folder.path))("$name, an FP32 model", (subject) => {
  let honest: HonestRun[];
  let frauds: Fraud[];
  beforeAll(async () => {
    honest = [
      ...(await runOnCpu(subject)),
      ...(await runOnWasm(subject, [1, 7, 128])),
      ...(await runOnWebGpu(subject)),
    ];
    const [first] = honest;
    frauds = first ? await runFrauds(subject, first) : [];
  });

  it("matches in every row, whatever the threads, batches, optimisation and provider", () => {
    for (const [a, b] of pairsOf(honest)) {
      const compared = compareRuns(a, b);
      expect(compared, `${a.how} against ${b.how}`).toMatchObject({
        zone: "match",
        rows: { unclear: 0 },
      });
    }
  });

  it("is refused when it is another: FP16 or INT8 weights, smaller, truncated, or a cached answer", () => {
    expect(frauds).toHaveLength(5);
    for (const { what, tensors } of frauds)
      for (const run of honest) {
        const compared = compareRuns({ ...run, tensors }, run);
        expect(compared, `${what} against ${run.how}`).toMatchObject({
          zone: "fraud",
          rows: { match: 0 },
        });
      }
  });

  it("is refused by the four rows of the smallest audit, whichever they are", () => {
    const [run] = honest;
    if (!run) throw new Error("there is no run");
    for (const { what, tensors } of frauds)
      for (let start = 0; start < 128; start += AUDIT_ROWS) {
        const rows = (list: HonestRun["tensors"]) =>
          list.map((tensor) => sliceRows(tensor, start, AUDIT_ROWS));
        const compared = compareRuns(
          { ...run, tensors: rows(tensors) },
          { ...run, tensors: rows(run.tensors) },
        );
        expect(compared.zone, `${what}, rows from ${start}`).toBe("fraud");
      }
  });
});

it("matches and refuses a model of one number a row, which may be small by cancellation", async () => {
  const subject = narrowSubject(folder.path);
  const honest = [
    ...(await runOnCpu(subject, FEW)),
    ...(await runOnWasm(subject, [128])),
    ...(await runOnWebGpu(subject)),
  ];
  for (const [a, b] of pairsOf(honest))
    expect(compareRuns(a, b)).toMatchObject({ zone: "match", rows: { unclear: 0 } });
  const [first] = honest;
  for (const { what, tensors } of first ? await runFrauds(subject, first) : [])
    for (const run of honest) expect(compareRuns({ ...run, tensors }, run).zone, what).toBe("fraud");
});

it("finds one row of FP16 weights among 2,000 honest ones, whichever it is", async () => {
  const subject = glyphsSubject(folder.path, 2_000);
  const [auditor] = await runOnWasm(subject, [128]);
  const [primary] = await runOnCpu(subject, [USUAL]);
  const half = subject.frauds["FP16 weights"];
  if (!auditor || !primary || !half) throw new Error("there is no run");
  const cheap = await runFraud(subject, "FP16 weights", half);
  for (const row of [0, 1, 777, 1_998, 1_999]) {
    const forged = primary.tensors.map((tensor, i) => {
      const wrong = cheap[i];
      if (!wrong) throw new Error("the fraud has no output");
      const data = tensor.data.slice();
      const { data: rowData } = gatherRows(wrong, [{ start: row, count: 1 }]);
      data.set(rowData, row * rowData.byteLength);
      return { ...tensor, data };
    });
    expect(compareRuns({ ...primary, tensors: forged }, auditor)).toMatchObject({
      zone: "fraud",
      rows: { match: 1_999, unclear: 0, fraud: 1 },
      worst_row: row,
    });
  }
});
