import { reset, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Account } from "@infernet/schemas/account";
import { JobId } from "@infernet/schemas/ids";
import { TransferJson, Unit } from "@infernet/schemas/ledger";
import { LIMITS } from "@infernet/schemas/limits";
import { pageOf } from "@infernet/schemas/page";
import { PriceTerms } from "@infernet/schemas/price";
import { Problem } from "@infernet/schemas/problem";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { unwrap } from "../rpc.ts";
import { callEdge, json, OPERATOR } from "../testing/call-edge.ts";
import { createTestAccount, type TestAccount } from "../testing/test-account.ts";
import { newJobId } from "../testing/test-provider.ts";

const CREDIT = Unit.parse("credit");
const costing = (quoted_micro: string): PriceTerms =>
  PriceTerms.parse({ unit: CREDIT, escrow: null, quoted_micro, priced_rows: 1, fee_bps: 100 });
const settled = (charged_micro: string, refunded_micro = "0") => ({
  charged_micro,
  refunded_micro,
  fee_micro: "0",
});

let account: TestAccount;
const stub = () => env.ACCOUNT.getByName(account.id);

beforeEach(async () => {
  account = await createTestAccount("test", "1000");
});
afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

/** Available, reserved and spent, in micro-units of credit. */
async function readFunds(): Promise<[string, string, string]> {
  const answer = await callEdge("/account", { headers: account.headers });
  const { balances, spent } = Account.parse(await answer.json());
  const [{ available_micro, reserved_micro } = { available_micro: "0", reserved_micro: "0" }] = balances;
  return [available_micro, reserved_micro, spent[0]?.micro ?? "0"];
}

async function readJournal(): Promise<string[]> {
  const answer = await callEdge("/account/ledger", { headers: account.headers });
  const { data } = pageOf(TransferJson).parse(await answer.json());
  return data.map(({ kind, debit, credit, amount }) => `${kind} ${amount} ${debit} -> ${credit}`).sort();
}

test("a job's price is set aside, what it has cost is spent, and the rest returns", async () => {
  const job = newJobId();
  unwrap(await stub().reserve(job, costing("300"), Date.now()));
  expect(await readFunds()).toEqual(["700", "300", "0"]);
  await stub().settle(job, settled("210"));
  expect(await readFunds()).toEqual(["790", "0", "210"]);
  expect(await readJournal()).toEqual([
    "commit 210 balance -> spent",
    "pending 300 balance -> spent",
    "post 1000 grants -> balance",
  ]);
});

test("a job that costs nothing gives everything back", async () => {
  const job = newJobId();
  unwrap(await stub().reserve(job, costing("300"), Date.now()));
  await stub().settle(job, settled("0"));
  expect(await readFunds()).toEqual(["1000", "0", "0"]);
});

test("a job that the account cannot pay for is refused with what is missing, and nothing is set aside", async () => {
  const answer = await stub().reserve(newJobId(), costing("1001"), Date.now());
  expect(answer).toMatchObject({
    ok: false,
    code: "funds_insufficient",
    detail: "the job costs up to 1001 micro-units of credit and the account has 1000 to spend: 1 are missing",
  });
  expect(await readFunds()).toEqual(["1000", "0", "0"]);
});

test("what is set aside cannot be set aside again", async () => {
  unwrap(await stub().reserve(newJobId(), costing("600"), Date.now()));
  expect(await stub().reserve(newJobId(), costing("600"), Date.now())).toMatchObject({
    code: "funds_insufficient",
  });
});

test("telling it all again, and something older after something newer, changes nothing", async () => {
  const job = newJobId();
  for (const _ of [1, 2]) unwrap(await stub().reserve(job, costing("300"), Date.now()));
  for (const refunded of ["0", "0", "90", "90", "0", "100", "90"])
    await stub().settle(job, settled("300", refunded));
  expect(await readFunds()).toEqual(["800", "0", "200"]);
  expect((await readJournal()).filter((line) => line.includes("spent -> balance"))).toEqual([
    "post 10 spent -> balance",
    "post 90 spent -> balance",
  ]);
});

test("when a request dies before its job is there, the account asks for it and takes the funds back", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const job = newJobId();
  unwrap(await stub().reserve(job, costing("300"), Date.now()));
  vi.setSystemTime(Date.now() + LIMITS.reservation_check_ms + 1);
  expect(await runDurableObjectAlarm(stub())).toBe(true);
  expect(await readFunds()).toEqual(["1000", "0", "0"]);
  // The job comes to be after all, with a word of what it cost: nobody has agreed to pay for it any more.
  await stub().settle(job, settled("300"));
  expect(await readFunds()).toEqual(["1000", "0", "0"]);
});

test("the operator gives credit once for each id, and no other amount under the same id", async () => {
  const give = (id: string, amount_micro: string) =>
    callEdge(`/accounts/${account.id}/grants`, json({ id, amount_micro }, OPERATOR));
  expect((await give("june", "500")).status).toBe(200);
  expect((await give("june", "500")).status).toBe(200);
  const other = await give("june", "600");
  expect([other.status, Problem.parse(await other.json()).code]).toEqual([409, "ledger_conflict"]);
  expect(await readFunds()).toEqual(["1500", "0", "0"]);
  expect((await give("july", "0")).status).toBe(422);
  const nobody = await callEdge(
    `/accounts/acct_${"0".repeat(32)}/grants`,
    json({ id: "june", amount_micro: "1" }, OPERATOR),
  );
  expect([404, 422]).toContain(nobody.status);
});

test("an account's holder cannot give itself credit", async () => {
  const grant = json({ id: "mine", amount_micro: "1" }, account.headers);
  expect((await callEdge(`/accounts/${account.id}/grants`, grant)).status).toBe(401);
});

test("a job that was never set anything aside for is not charged", async () => {
  await stub().settle(JobId.parse(newJobId()), settled("300"));
  expect(await readFunds()).toEqual(["1000", "0", "0"]);
});
