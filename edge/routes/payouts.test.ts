import { env, reset, runDurableObjectAlarm } from "cloudflare:test";
import { formatRunnerId } from "@infernet/schemas/ids";
import { Unit } from "@infernet/schemas/ledger";
import { PayoutOrder } from "@infernet/schemas/payout";
import { Treasury } from "@infernet/schemas/treasury";
import { uuidv7 } from "uuidv7";
import { afterEach, expect, it } from "vitest";
import { unwrap } from "../rpc.ts";
import { callEdge, json, OPERATOR } from "../testing/call-edge.ts";

const CREDIT = Unit.parse("credit");
const treasury = () => env.TREASURY.getByName(CREDIT);

const order = (changes: Partial<PayoutOrder> = {}): PayoutOrder =>
  PayoutOrder.parse({
    id: `pay_${uuidv7().replaceAll("-", "")}`,
    provider: formatRunnerId(new Uint8Array(32).fill(7)),
    unit: CREDIT,
    escrow: null,
    micro: "5000",
    fee_micro: "50",
    address: "iban:1",
    ordered_ms: Date.now(),
    ...changes,
  });

/** Has these ordered, and the treasury do what there is to do. */
async function take(...orders: PayoutOrder[]): Promise<void> {
  for (const one of orders) unwrap(await treasury().take(one));
  await runDurableObjectAlarm(treasury());
}

const list = async (query = ""): Promise<unknown[]> => {
  const answer = await callEdge(`/payouts${query}`, { headers: OPERATOR });
  const { data } = await answer.json<{ data: { id: string; state: string }[] }>();
  return data.map(({ id, state }) => [id, state]);
};
const say = (id: string, state: string, body: unknown) =>
  callEdge(`/payouts/${id}/${state}`, json(body, OPERATOR));

afterEach(reset);

it("a payout in credit waits for the operator, who says once that it was paid", async () => {
  const one = order();
  await take(one);
  expect(await list()).toEqual([[one.id, "pending"]]);
  for (const _ of [1, 2]) {
    const answer = await say(one.id, "paid", { reference: "bank 7" });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ id: one.id, state: "paid", reference: "bank 7" });
  }
  expect(await list()).toEqual([]);
  expect(await list("?state=paid")).toEqual([[one.id, "paid"]]);
});

it("what the operator does not pay is returned, and cannot be paid then", async () => {
  const one = order();
  await take(one);
  for (const _ of [1, 2])
    expect((await say(one.id, "returned", { detail: "no such bank" })).status).toBe(200);
  const late = await say(one.id, "paid", { reference: "bank 8" });
  expect([late.status, await late.json()]).toMatchObject([409, { code: "payout_not_pending" }]);
  const other = await say(one.id, "returned", { detail: "another reason" });
  expect(other.status).toBe(409);
});

it("an order comes in once, however often it is sent, and never with other content", async () => {
  const one = order();
  await take(one, one);
  expect(await list()).toHaveLength(1);
  expect(await treasury().take({ ...one, micro: "5001" })).toMatchObject({
    ok: false,
    code: "ledger_conflict",
  });
});

it("a payout that nobody has ordered is not found", async () => {
  await take(order());
  const answer = await say(order().id, "paid", { reference: "x" });
  expect([answer.status, await answer.json()]).toMatchObject([404, { code: "not_found" }]);
});

it("payouts are listed in pages, oldest first", async () => {
  const orders = Array.from({ length: 5 }, (_, n) => order({ micro: String(n + 1) }));
  await take(...orders);
  const ids: unknown[] = [];
  for (let path: string | null = "/payouts?limit=2"; path !== null; ) {
    const answer: Response = await callEdge(path, { headers: OPERATOR });
    const page = await answer.json<{ data: { id: string }[]; next_cursor: string | null }>();
    ids.push(...page.data.map(({ id }) => id));
    path = page.next_cursor === null ? null : `/payouts?limit=2&cursor=${page.next_cursor}`;
  }
  expect(ids).toEqual(orders.map(({ id }) => id).sort());
});

it("the operator sees what it owes and has paid, and that the book is sound", async () => {
  const [one, two, three] = [order(), order({ micro: "700" }), order({ micro: "9" })];
  await take(one, two, three);
  await say(one.id, "paid", { reference: "a" });
  await say(two.id, "returned", { detail: "b" });
  const answer = await callEdge("/treasury?audit=true", { headers: OPERATOR });
  const { data } = await answer.json<{ data: unknown[] }>();
  const [credit, solana] = data.map((part) => Treasury.parse(part));
  expect(credit).toMatchObject({
    unit: "credit",
    trouble: null,
    audit: [],
    places: [{ escrow: null, owed_micro: "9", paid_micro: "5000", fees_micro: "50" }],
  });
  expect(solana).toMatchObject({
    unit: "usdc:solana",
    trouble: "This deployment is not set up for usdc:solana.",
  });
});

it.each(["/payouts", "/treasury"])("%s is for the operator alone", async (path) => {
  expect((await callEdge(path)).status).toBe(401);
});
