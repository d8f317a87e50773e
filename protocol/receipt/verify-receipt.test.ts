import type { SignedReceipt } from "@infernet/schemas/receipt";
import {
  parseSignedReceipt,
  ReceiptUnreadable,
  readReceiptText,
  renderReceiptText,
} from "@infernet/schemas/receipt-text";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { FindingCode } from "./findings.ts";
import { ledgerEventsOf } from "./ledger-events.ts";
import { renderReceipt } from "./render-receipt.ts";
import { truthOf } from "./testing/receipt-lies.ts";
import { SCENARIO_NAMES, SCENARIOS } from "./testing/receipt-scenarios.ts";
import { ReceiptStory } from "./testing/receipt-story.ts";
import { type Report, verifyReceipt } from "./verify-receipt.ts";

const codesOf = ({ findings }: Report): FindingCode[] => findings.map(({ code }) => code);
const countOf = ({ findings }: Report, code: FindingCode): number =>
  findings.find((finding) => finding.code === code)?.count ?? 0;

test.each(SCENARIO_NAMES)("an honest receipt holds, and its figures are the ledgers': %s", async (name) => {
  const story = await SCENARIOS[name]();
  const signed = readReceiptText(renderReceiptText(await story.signed()));
  const { receipt } = signed;
  const report = await verifyReceipt(signed, await truthOf(story, receipt));
  expect(report.findings.filter(({ status }) => status === "refuted")).toEqual([]);
  expect(report.verdict).toBe("holds");
  expect(countOf(report, "commitments_hold")).toBe(story.outputs.size);
  expect(codesOf(report)).not.toContain("seeds_unknown");
  expect(codesOf(report)).toContain("result_is_delivered");
  const { work, convicted } = ledgerEventsOf(receipt);
  expect([...work].map(([id, { tally }]) => ({ id, tally }))).toEqual(receipt.outcome.providers);
  expect([...convicted.keys()]).toEqual(receipt.outcome.convicted.map(({ id }) => id));
});

test("the same material gives the same bytes and the same signature, whenever it is rendered", async () => {
  const story = await SCENARIOS["a recall that finds a result wrong"]();
  expect(renderReceiptText(await story.signed())).toBe(renderReceiptText(await story.signed()));
});

test("alone it proves what it can, and says what would prove the rest", async () => {
  const story = await SCENARIOS["audits that all agree"]();
  const report = await verifyReceipt(await story.signed());
  expect(report.verdict).toBe("holds");
  const open = report.findings.filter(({ status }) => status === "not_proven");
  expect(open.map(({ code }) => code)).toEqual([
    "seeds_unknown",
    "result_not_given",
    "rows_unchecked",
    "comparisons_told",
    "rosters_told",
    "inputs_told",
  ]);
  expect(open.every(({ hint }) => hint !== null)).toBe(true);
  // Two shards of six rows, of which an audit has computed four each.
  expect(countOf(report, "rows_unchecked")).toBe(4);
});

test("a roster without a draw is told once, in the order of ids", async () => {
  const story = await SCENARIOS["makers that have become better known before the end"]();
  const material = await story.material();
  const at = story.log.findIndex(({ fact }) => fact.kind === "drawn" && fact.rosters.length > 0);
  const entry = story.log[at];
  if (entry?.fact.kind !== "drawn") throw new Error("no roster came without a draw");
  expect(entry.fact.draws).toEqual([]);
  const rosters = entry.fact.rosters.map(({ runners }) => ({ runners: runners.toReversed() }));
  const log = story.log.with(at, { ...entry, fact: { ...entry.fact, rosters } });
  const receipt = renderReceipt({ ...material, log }) ?? expect.fail("the job has ended");
  expect(codesOf(await verifyReceipt(await story.network.sign(receipt)))).toContain("roster_wrong");
});

test("a check of some rows is proven by the delivered ones when it returned these very bytes", async () => {
  const story = await SCENARIOS["audits that all agree"]();
  const signed = await story.signed();
  expect(countOf(await verifyReceipt(signed), "comparisons_told")).toBe(2);
  const report = await verifyReceipt(signed, await truthOf(story, signed.receipt));
  expect(countOf(report, "comparisons_told")).toBe(0);
  expect(countOf(report, "copies_equal")).toBe(2);
});

test("every row of a delivered result is followed to a signature", async () => {
  for (const name of ["audits that all agree", "a list", "a recall that finds a result wrong"] as const) {
    const story = await SCENARIOS[name]();
    const signed = await story.signed();
    const report = await verifyReceipt(signed, await truthOf(story, signed.receipt));
    expect(countOf(report, "rows_traced")).toBe(story.job.rows);
  }
});

test("without the earlier receipt the later one still proves which it supersedes", async () => {
  const story = await SCENARIOS["a recall that finds a result wrong"]();
  const later = await story.signed();
  const end = story.log.findIndex(({ fact }) => fact.kind === "succeeded");
  const material = await story.material();
  const first = renderReceipt({ ...material, log: material.log.slice(0, end + 1) });
  if (first === null) throw new Error("the job has succeeded");
  const earlier = await story.network.sign(first);
  expect((await verifyReceipt(earlier)).verdict).toBe("holds");
  expect(codesOf(await verifyReceipt(later))).toContain("revision_follows");
  expect(codesOf(await verifyReceipt(later, { previous: earlier }))).toContain("revision_follows");
  const other = await story.network.sign({ ...first, issued_at: later.receipt.issued_at });
  expect(codesOf(await verifyReceipt(later, { previous: other }))).toContain("revision_wrong");
});

test("while a recall is going on the receipt is the one from before", async () => {
  const story = await SCENARIOS["audits that all agree"]();
  const before = await story.receipt();
  story.recall(0);
  expect(await story.receipt()).toEqual(before);
});

test("paths that a receipt has no room for are left out, and rows are traced all the same", async () => {
  const story = await ReceiptStory.begin({
    rows: 4_000,
    shard_rows: 2_000,
    runners: 2,
    width: 1_100,
    verification: { mode: "quorum", replicas: 2 },
  });
  await story.run();
  const signed = await story.signed();
  expect(signed.receipt.evidence.paths).toBeNull();
  // Two trees of 2,000 leaves: each leaf, and the ten or eleven hashes beside its way up.
  expect(signed.receipt.evidence.path_hashes).toBeGreaterThan(2 * 2_000 * 11);
  const report = await verifyReceipt(signed, await truthOf(story, signed.receipt));
  expect(report.verdict).toBe("holds");
  expect(codesOf(report)).toContain("paths_left_out");
  expect(countOf(report, "rows_traced")).toBe(4_000);
});

test("a failed job has a receipt too", async () => {
  const story = await ReceiptStory.begin({ rows: 8, runners: 3 });
  await story.work(0, story.ask(0));
  story.expire();
  const report = await verifyReceipt(await story.signed());
  expect(report.verdict).toBe("holds");
  expect(codesOf(report)).not.toContain("result_not_given");
});

test("facts that make no sense are a refusal, not a crash", async () => {
  const story = await SCENARIOS["audits that all agree"]();
  const receipt = await story.receipt();
  const log = receipt.log.map((entry) =>
    entry.fact.kind === "committed"
      ? {
          ...entry,
          fact: { ...entry.fact, results: entry.fact.results.map((one) => ({ ...one, shard: 9_999 })) },
        }
      : entry,
  );
  const report = await verifyReceipt(await story.network.sign({ ...receipt, log }));
  expect(codesOf(report)).toContain("log_broken");
});

const signedStory = SCENARIOS["a wrong answer, found by a referee"]().then((story) => story.signed());

/** Whether a changed receipt is noticed: it cannot be read, or does not hold. */
async function isRefused(read: () => SignedReceipt): Promise<boolean> {
  try {
    return (await verifyReceipt(read())).verdict === "refuted";
  } catch (error) {
    if (error instanceof ReceiptUnreadable) return true;
    throw error;
  }
}

test("any flipped bit of a receipt as it is served is refused", async () => {
  const text = renderReceiptText(await signedStory);
  const bytes = new TextEncoder().encode(text);
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(7), async (at, bit) => {
      const flipped = new Uint8Array(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
      const decode = () => new TextDecoder().decode(flipped);
      expect(await isRefused(() => readReceiptText(decode()))).toBe(true);
    }),
    { numRuns: 1_500 },
  );
});

test("every flipped bit of numbers and of the signature is refused, even one that leaves their value the same", async () => {
  const text = renderReceiptText(await signedStory);
  const numbers = [...text.matchAll(/(?<=[:,[])-?[0-9]+\.[0-9.e+-]*/g)].slice(0, 6);
  const places = numbers.flatMap(({ 0: token, index }) => Array.from(token, (_, n) => index + n));
  const end = text.lastIndexOf('"');
  for (const at of [...places, ...[1, 2, 3, 40, 86, 87, 88, 89, 90].map((n) => end - n)]) {
    for (let bit = 0; bit < 7; bit += 1) {
      const changed = String.fromCharCode(text.charCodeAt(at) ^ (1 << bit));
      const flipped = text.slice(0, at) + changed + text.slice(at + 1);
      expect(await isRefused(() => readReceiptText(flipped))).toBe(true);
    }
  }
});

test("any changed member of a receipt is refused, wherever it is", async () => {
  const signed = await signedStory;
  const places = listLeaves(signed);
  await fc.assert(
    fc.asyncProperty(fc.nat(places.length - 1), fc.boolean(), async (n, isRemoved) => {
      const changed: unknown = structuredClone(signed);
      change(changed, places[n] ?? [], isRemoved);
      expect(await isRefused(() => parseSignedReceipt(changed))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test("white space and the order of members do not matter", async () => {
  const signed = await signedStory;
  const shuffled = `${JSON.stringify({ signature: signed.signature, receipt: reverse(signed.receipt) }, null, 3)}\n`;
  expect(await isRefused(() => readReceiptText(shuffled))).toBe(false);
});

test("a verdict is not read out of what is no receipt", () => {
  for (const text of ["", "{}", "[1]", '{"receipt":{},"signature":"a..b"}', "not json"])
    expect(() => readReceiptText(text)).toThrow(ReceiptUnreadable);
});

type Path = (string | number)[];

/** The way to every value that holds no others. */
function listLeaves(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) => listLeaves(inner, [...path, key]));
}

function change(value: unknown, [key, ...rest]: Path, isRemoved: boolean): void {
  if (key === undefined || typeof value !== "object" || value === null) return;
  const members = value as Record<string | number, unknown>;
  if (rest.length > 0) change(members[key], rest, isRemoved);
  else if (isRemoved && !Array.isArray(value)) delete members[key];
  else members[key] = changed(members[key]);
}

function changed(value: unknown): unknown {
  if (typeof value === "number") return value + 1;
  if (typeof value === "boolean") return !value;
  if (typeof value !== "string") return "something";
  const last = value.endsWith("0") ? "1" : "0";
  return value.slice(0, -1) + last;
}

function reverse(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reverse);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reverse(inner)]),
  );
}
