import { commitmentMessage } from "@infernet/escrow/solana/layout";
import { renderSignature } from "@infernet/schemas/commitment";
import { Sha256 } from "@infernet/schemas/digest";
import { parseHash } from "@infernet/schemas/hash";
import { JobId } from "@infernet/schemas/ids";
import type { SignedRoot } from "@infernet/schemas/job-fact";
import type { SlashEvidence } from "@infernet/schemas/slashing";
import { beforeAll, describe, expect, it } from "vitest";
import type { BondDesk, SlashOutcome } from "./bond-desk.ts";
import { createSolanaBonds } from "./solana-bonds.ts";
import { openSolanaWorld, type SolanaWorld, type TestProvider } from "./testing/solana-world.ts";

const CONTEXT = Sha256.parse("c".repeat(64));
const BOND = 2_000_001n;
/** The tests' chain forgets a blockhash after a minute. */
const FORGET_SECONDS = 120;

let world: SolanaWorld;
let desk: BondDesk;
beforeAll(async () => {
  world = await openSolanaWorld();
  desk = open();
}, 60_000);

/** The desk as another process would open it. */
const open = (): BondDesk => createSolanaBonds({ ...world, unit_price: 0n });

async function signRoot({ key }: TestProvider, digit: string): Promise<SignedRoot> {
  const root = Sha256.parse(digit.repeat(64));
  const signature = await key.sign(commitmentMessage(parseHash(CONTEXT), parseHash(root)));
  return { root, signature: renderSignature(signature) };
}

const evidenceOf = async (provider: TestProvider, by = provider): Promise<SlashEvidence> => ({
  provider: provider.id,
  job_id: JobId.parse(`job_001_${"0".repeat(32)}`),
  context_sha256: CONTEXT,
  first: await signRoot(by, "1"),
  second: await signRoot(by, "2"),
});

async function prepare(evidence: SlashEvidence): Promise<string> {
  const preparation = await desk.prepareSlash(evidence);
  return preparation.kind === "prepared" ? preparation.step : expect.fail(`it was ${preparation.kind}`);
}

async function finish(by: BondDesk, step: string): Promise<SlashOutcome> {
  for (let n = 0; n < 400; n += 1) {
    const outcome = await by.advanceSlash(step);
    if (outcome.state !== "unknown" && outcome.state !== "pending") return outcome;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error("the slashing has not ended");
}

/** Another test may warp the chain's time, so that what was signed expires: then it is signed again. */
async function slash(evidence: SlashEvidence): Promise<{ step: string; end: SlashOutcome }> {
  for (;;) {
    const step = await prepare(evidence);
    const end = await finish(open(), step);
    if (end.state !== "expired") return { step, end };
  }
}

describe("a bond on the chain", () => {
  it("is slashed by two signatures, and whoever has the step alone can see it through", async () => {
    const liar = await world.provider(BOND);
    const before = await world.balance(world.aggregator.address);
    await prepare(await evidenceOf(liar));
    expect(await world.balance(world.aggregator.address)).toBe(before);
    const { step, end } = await slash(await evidenceOf(liar));
    expect(end).toMatchObject({ state: "done", amount: BOND });
    expect(await desk.advanceSlash(step)).toEqual(end);
    expect((await world.balance(world.aggregator.address)) - before).toBe(BOND / 2n);
    expect(await desk.prepareSlash(await evidenceOf(liar))).toEqual({ kind: "no_bond" });
  });

  it("that others slash first is there no more: what was signed for it never happens", async () => {
    const liar = await world.provider(BOND);
    const evidence = await evidenceOf(liar);
    const late = await prepare(evidence);
    await slash({ ...evidence, first: evidence.second, second: evidence.first });
    expect(await desk.prepareSlash(evidence)).toEqual({ kind: "no_bond" });
    await world.call("devchain_warp", FORGET_SECONDS);
    expect(await finish(desk, late)).toEqual({ state: "expired" });
  });

  it("is not there for a provider that has staked nothing", async () => {
    const poor = await world.provider(0n);
    expect(await desk.prepareSlash(await evidenceOf(poor))).toEqual({ kind: "no_bond" });
  });

  it("does not answer for what another signed, nor for one root", async () => {
    const [honest, other] = [await world.provider(BOND), await world.provider(0n)];
    expect(await desk.prepareSlash(await evidenceOf(honest, other))).toMatchObject({ kind: "refused" });
    const evidence = await evidenceOf(honest);
    expect(await desk.prepareSlash({ ...evidence, second: evidence.first })).toMatchObject({
      kind: "refused",
      detail: expect.stringContaining("one root"),
    });
  });
});
