import { reset, runDurableObjectAlarm } from "cloudflare:test";
import { verifyReceipt } from "@infernet/protocol/receipt/verify-receipt";
import { LIMITS } from "@infernet/schemas/limits";
import { TOKEN_UNITS } from "@infernet/schemas/llm/token-units";
import { seededRandom } from "@infernet/schemas/seeded-random";
import { createTestSigner } from "@infernet/schemas/testing/sign-commitment";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { unwrap } from "../rpc.ts";
import { migrateIndex } from "../testing/migrate-index.ts";
import { aggregator, CLIENT, readFacts, takeLeases } from "./testing/network.ts";
import {
  crash,
  Maker,
  openReader,
  PROMPT_TOKENS,
  positionsOf,
  textJob,
  textOf,
  textRead,
} from "./testing/streams.ts";

const signers = await Promise.all([1, 2, 3].map(createTestSigner));
const POSITIONS = 150;
const RUNS = 5;
const FIRST_SEED = Math.floor(Math.random() * 2 ** 31);

beforeEach(async () => {
  await migrateIndex();
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

/** One job through deliveries, repeats, gaps, lost makers, crashes of the edge and readers that come again. */
async function disturb(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const job = textJob();
  await aggregator().create(job);
  const takeAny = async (): Promise<Maker> => {
    for (;;) {
      const signer = signers[below(3)] ?? expect.fail("no signer");
      const [lease] = await takeLeases(job, signer);
      if (lease !== undefined) return new Maker(signer, lease);
    }
  };
  let maker = await takeAny();
  let reader = await openReader(job);
  let text = "";
  let read = 0;
  const readAll = async (upTo: number): Promise<void> => {
    const start = read;
    if (start < upTo) await reader.until((records) => Math.max(start, positionsOf(records)) >= upTo);
    text += textRead(reader.records.splice(0), 0, start);
    read = Math.max(read, upTo);
  };
  while (maker.made < POSITIONS) {
    const count = Math.min(1 + below(20), POSITIONS - maker.made);
    const isLast = maker.made + count === POSITIONS;
    const at = maker.made;
    const delta = await maker.make(count, isLast);
    const dice = below(10);
    if (dice === 0 && !isLast) {
      // It is lost on the way, and what follows is asked for again.
      const later = await maker.make(1, maker.made + 1 === POSITIONS);
      const { resend } = await maker.send(later);
      const [asked] = resend;
      await maker.send(...maker.again(asked?.from ?? at));
    } else await maker.send(delta);
    if (dice === 1) await maker.send(...maker.again(0));
    if (dice === 2 || dice === 3) {
      await readAll(maker.made);
      await crash();
      if (dice === 2) {
        const { resend } = await maker.send(maker.beat());
        if (resend[0] !== undefined) await maker.send(...maker.again(resend[0].from));
      }
      reader = await openReader(job, { positions: [read], after: null });
    }
    // Edge and maker both gone: what was not kept is made again, and the client, who has it, sees nothing of that.
    if (dice >= 3 && dice <= 5) {
      vi.setSystemTime(Date.now() + LIMITS.stream_silence_ms_max + LIMITS.lease_ms_default + 1);
      await runDurableObjectAlarm(aggregator());
      maker = await takeAny();
    }
    if (dice === 6) {
      await readAll(maker.made);
      await reader.leave();
      reader = await openReader(job, { positions: [read], after: null });
    }
  }
  const [receipt] = await aggregator().submit(maker.runner.id, [await maker.answer(POSITIONS)]);
  expect(receipt?.status).toBe("accepted");
  await reader.untilEnd();
  text += textRead(reader.records, 0, read);
  expect(text).toBe(textOf(0, POSITIONS));
  const paid = (await readFacts(job)).flatMap((fact) => (fact.kind === "committed" ? fact.results : []));
  const units = paid.flatMap(({ units = 0, begun = [] }) => [units, ...begun.map((one) => one.units)]);
  const all = PROMPT_TOKENS * TOKEN_UNITS.prompt + POSITIONS * TOKEN_UNITS.completion;
  expect(units.reduce((sum, one) => sum + one, 0)).toBe(all);
  const report = await verifyReceipt(unwrap(await aggregator().receipt(CLIENT, job.record.id)));
  expect(report.verdict).toBe("holds");
}

it.each(Array.from({ length: RUNS }, (_, n) => FIRST_SEED + n))(
  "whatever is lost, repeated or restarted, a client reads each position once, and pay adds up: seed %i",
  disturb,
);
