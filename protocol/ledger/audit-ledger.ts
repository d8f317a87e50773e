import {
  availableOf,
  EMPTY_SUMS,
  type LedgerAccount,
  type Transfer,
  type TransferId,
} from "@infernet/schemas/ledger";

type Sums = Pick<
  LedgerAccount,
  "name" | "unit" | "debits_posted" | "credits_posted" | "debits_pending" | "credits_pending"
>;

const SUMS = ["debits_posted", "credits_posted", "debits_pending", "credits_pending"] as const;

/**
 * What is wrong with a ledger, a sentence each; empty when all is well. Debits and credits of each unit must be equal,
 * posted and pending; every account must be what its transfers come to, and not owe unless it may; every pending transfer
 * must be settled once at most, by one that fits it.
 *
 * @param transfers the whole journal, in any order
 */
export function auditLedger(accounts: Iterable<LedgerAccount>, transfers: Iterable<Transfer>): string[] {
  const { derived, wrong } = derive(transfers);
  const violations = [...wrong];
  const units = new Map<string, Omit<Sums, "name">>();
  for (const account of accounts) {
    const key = spell(account);
    violations.push(...compareSums(account, derived.get(key) ?? emptySums(account)));
    derived.delete(key);
    const available = availableOf(account);
    if (available < 0n && !account.may_be_negative)
      violations.push(
        `${account.name} has ${available} ${account.unit} available, and must not be negative.`,
      );
    const unit = units.get(account.unit) ?? emptySums(account);
    for (const sum of SUMS) unit[sum] += account[sum];
    units.set(account.unit, unit);
  }
  for (const { name, unit } of derived.values())
    violations.push(`${name} has transfers in ${unit}, and no account.`);
  for (const sums of units.values()) violations.push(...compareSides(sums));
  return violations;
}

/** Each account's sums as the journal alone makes them. */
function derive(transfers: Iterable<Transfer>): { derived: Map<string, Sums>; wrong: string[] } {
  const derived = new Map<string, Sums>();
  const wrong: string[] = [];
  const held = new Map<TransferId, Transfer>();
  const settlements: Transfer[] = [];
  const add = (
    name: Transfer["debit"],
    unit: Transfer["unit"],
    sum: (typeof SUMS)[number],
    amount: bigint,
  ) => {
    const sums = derived.get(spell({ name, unit })) ?? emptySums({ name, unit });
    sums[sum] += amount;
    derived.set(spell(sums), sums);
  };
  for (const transfer of transfers) {
    const { kind, debit, credit, unit, amount } = transfer;
    if (kind === "pending") held.set(transfer.id, transfer);
    if (kind === "commit" || kind === "void") settlements.push(transfer);
    const sums = kind === "pending" ? "pending" : "posted";
    const moved = kind === "void" ? 0n : amount;
    add(debit, unit, `debits_${sums}`, moved);
    add(credit, unit, `credits_${sums}`, moved);
  }
  const settled = new Set<TransferId>();
  for (const settlement of settlements) {
    const pending = settlement.pending === null ? undefined : held.get(settlement.pending);
    if (pending === undefined) {
      wrong.push(`${settlement.id} settles ${settlement.pending}, which is not pending.`);
      continue;
    }
    if (settled.has(pending.id)) wrong.push(`${pending.id} is settled again by ${settlement.id}.`);
    else if (!fits(settlement, pending))
      wrong.push(`${settlement.id} does not fit ${pending.id}, which it settles.`);
    settled.add(pending.id);
  }
  for (const id of settled) {
    const pending = held.get(id);
    if (pending === undefined) continue;
    add(pending.debit, pending.unit, "debits_pending", -pending.amount);
    add(pending.credit, pending.unit, "credits_pending", -pending.amount);
  }
  return { derived, wrong };
}

const fits = (settlement: Transfer, pending: Transfer): boolean =>
  settlement.debit === pending.debit &&
  settlement.credit === pending.credit &&
  settlement.unit === pending.unit &&
  (settlement.kind === "commit" ? settlement.amount <= pending.amount : settlement.amount === pending.amount);

function compareSums(account: LedgerAccount, derived: Sums): string[] {
  return SUMS.filter((sum) => account[sum] !== derived[sum]).map(
    (sum) =>
      `${account.name} has ${spellSum(sum)} of ${account[sum]} ${account.unit}; its transfers come to ${derived[sum]}.`,
  );
}

function compareSides({ unit, ...sums }: Omit<Sums, "name">): string[] {
  return (["posted", "pending"] as const)
    .filter((state) => sums[`debits_${state}`] !== sums[`credits_${state}`])
    .map(
      (state) =>
        `In ${unit}, debits of ${sums[`debits_${state}`]} and credits of ${sums[`credits_${state}`]} are ${state}.`,
    );
}

const emptySums = ({ name, unit }: Pick<Sums, "name" | "unit">): Sums => ({
  name,
  unit,
  ...EMPTY_SUMS,
});

const spell = ({ name, unit }: Pick<Sums, "name" | "unit">): string => `${name} ${unit}`;
const spellSum = (sum: (typeof SUMS)[number]): string => sum.split("_").reverse().join(" ");
