import { NetworkId } from "@infernet/schemas/commitment";
import { Unit } from "@infernet/schemas/ledger";
import { MicroAmount } from "@infernet/schemas/money";
import type { InvitationTerms } from "@infernet/schemas/peer/invitation";
import { expect, test } from "vitest";
import { sampleRunner } from "../testing/sample-ids.ts";
import { type AggregatorPolicy, type AggregatorSituation, declineInvitation } from "./decide-invitation.ts";

const network = NetworkId.parse(`net_${"A".repeat(43)}`);
const other = NetworkId.parse(`net_${"B".repeat(42)}A`);
const peer = sampleRunner(1);
const free = (): InvitationTerms => ({ pay: "free" });
const paying = (micro: string): InvitationTerms => ({
  pay: "priced",
  unit: Unit.parse("credit"),
  micro_per_core_hour: MicroAmount.parse(micro),
});
const decline = (
  policy: Partial<AggregatorPolicy> = {},
  situation: Partial<AggregatorSituation> = {},
  terms = free(),
): string | null =>
  declineInvitation(
    { network, peer, terms },
    { allowed: "any", at_most: 2, asking_micro_per_core_hour: null, ...policy },
    { serving: new Set(), ended: new Set(), isLeaving: false, ...situation },
  );

test("only those whom the owner has listed are worked for, by network or by peer, or any", () => {
  expect(decline({ allowed: new Set() })).toMatch("has not listed your network");
  expect(decline({ allowed: new Set([other]) })).toMatch("has not listed");
  for (const allowed of ["any" as const, new Set([network]), new Set([peer])])
    expect(decline({ allowed })).toBeNull();
});

test("so many are worked for at once, and one of them may invite again", () => {
  const serving = new Set([other, NetworkId.parse(`net_${"C".repeat(42)}A`)]);
  expect(decline({}, { serving })).toMatch("works for 2");
  expect(decline({}, { serving: new Set([other, network]) })).toBeNull();
});

test("who asks for a price does not work for less", () => {
  const policy = { asking_micro_per_core_hour: MicroAmount.parse("100") };
  expect(decline(policy)).toMatch("asks for 100");
  expect(decline(policy, {}, paying("99"))).toMatch("asks for 100");
  expect(decline(policy, {}, paying("100"))).toBeNull();
});

test("neither who is stopping nor who was refused before comes", () => {
  expect(decline({}, { isLeaving: true })).toMatch("stopping");
  expect(decline({}, { ended: new Set([network]) })).toMatch("refused this runner before");
});
