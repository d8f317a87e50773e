import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rememberedUntil } from "@infernet/protocol/peers/direct-rules";
import { DirectOffer, type SignedOffer, signOffer } from "@infernet/schemas/peer/direct-offer";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createIdentity } from "../../identity/identity.ts";
import { OfferBook } from "./offer-book.ts";

const identity = createIdentity();
const sha256 = "0".repeat(64);
let dir: string;
let now_ms = 1_000_000;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "infernet-offers-"));
  now_ms = 1_000_000;
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const open = (bytes_max?: number) => OfferBook.open(dir, () => now_ms, bytes_max);
const offerOf = (n: number): Promise<SignedOffer> =>
  signOffer(
    DirectOffer.parse({
      type: "infernet.direct-offer.v1",
      id: String(n).repeat(32),
      ...{ client: identity.id, provider: identity.id, model: sha256, rows: 1 },
      ...{ inputs: { sha256, bytes: 1 }, payment: { kind: "free" }, price_micro_max: "0" },
      ...{ issued_ms: now_ms, deadline_ms: now_ms + 1_000 * n },
    }),
    identity.sign,
  );
const result = new Uint8Array(100);

test("what was done is known after a start anew, until nobody can offer it any more", async () => {
  const [first, second] = [await offerOf(1), await offerOf(2)];
  const book = await open();
  await book.keep(first, result, null, 0n);
  await book.keep(second, result, "a voucher", 7n);
  const again = await open();
  expect([...again.jobs]).toMatchObject([
    { signed: { digest: first.digest }, voucher: null, price: 0n },
    { signed: { digest: second.digest }, voucher: "a voucher", price: 7n },
  ]);
  now_ms = rememberedUntil(first.offer);
  await again.prune();
  expect([again.find(first.offer), again.find(second.offer)?.bytes, again.size]).toEqual([null, 100, 1]);
  expect(await readdir(dir)).toHaveLength(1);
});

test("of too many results the oldest go, and that they were done stays known", async () => {
  const offers = [await offerOf(1), await offerOf(2), await offerOf(3)];
  const book = await open(250);
  for (const signed of offers) await book.keep(signed, result, null, 0n);
  await book.prune();
  const sizes = (of: OfferBook) => offers.map(({ offer }) => of.find(offer)?.bytes);
  expect(sizes(book)).toEqual([0, 100, 100]);
  expect(sizes(await open(250))).toEqual([0, 100, 100]);
});

test("what a crash has left half written, and what is damaged, is removed", async () => {
  await writeFile(join(dir, "damaged"), "x");
  await (await open()).keep(await offerOf(1), result, null, 0n);
  const [name = ""] = await readdir(dir);
  await writeFile(join(dir, `${name}.new`), "half");
  expect((await open()).size).toBe(1);
  expect(await readdir(dir)).toEqual([name]);
});
