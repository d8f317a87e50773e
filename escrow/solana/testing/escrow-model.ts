import { feeMax } from "../layout.ts";

/** What a client, payees and an aggregator do with one address of an escrow, in numbers alone. */
export type Action =
  | { kind: "open"; amount: bigint; term: bigint }
  | { kind: "top up"; amount: bigint; later: bigint }
  | Release
  | { kind: "refund"; isAgreed: boolean }
  | { kind: "freeze"; who: number }
  | { kind: "wait"; seconds: bigint };

interface Release {
  kind: "release";
  shares: readonly bigint[];
  fee: bigint;
  /** The client, or the aggregator: with a voucher of this limit, or with what the escrow remembers. */
  by: "client" | "voucher" | "memory";
  limit: bigint;
}

export interface Model {
  now: bigint;
  slot: bigint;
  client: bigint;
  aggregator: bigint;
  payees: bigint[];
  frozen: boolean[];
  escrow: Escrow | null;
}

interface Escrow {
  vault: bigint;
  deadline: bigint;
  opened_slot: bigint;
  paid: bigint;
  /** The highest limit that a release needed. */
  allowed: bigint;
  releases: number;
}

export const FEE_BPS = 150;

/** The state after an action, or the name of the error that the program must give; the model it is given stays. */
export function act(model: Model, action: Action): Model | string {
  const { escrow } = model;
  switch (action.kind) {
    case "wait":
      return { ...model, now: model.now + action.seconds, slot: model.slot + 1n };
    case "freeze":
      return { ...model, frozen: model.frozen.with(action.who, !model.frozen[action.who]) };
    case "open": {
      if (escrow !== null) return "state";
      if (action.amount > model.client) return "amount";
      const opened = { vault: action.amount, paid: 0n, allowed: 0n, releases: 0, opened_slot: model.slot };
      const deadline = model.now + action.term;
      return { ...model, client: model.client - action.amount, escrow: { ...opened, deadline } };
    }
    case "top up": {
      if (escrow === null) return "owner";
      if (action.amount > model.client) return "amount";
      const deadline = action.later === 0n ? escrow.deadline : model.now + action.later;
      if (action.later !== 0n && deadline <= escrow.deadline) return "early";
      const vault = escrow.vault + action.amount;
      return { ...model, client: model.client - action.amount, escrow: { ...escrow, vault, deadline } };
    }
    case "refund": {
      if (escrow === null) return "owner";
      const isOver = model.now > escrow.deadline;
      if (!isOver && !(action.isAgreed && model.slot > escrow.opened_slot)) return "early";
      return { ...model, client: model.client + escrow.vault, escrow: null };
    }
    case "release":
      return release(model, action);
    default:
      return action satisfies never;
  }
}

function release(model: Model, action: Release): Model | string {
  const { escrow } = model;
  if (escrow === null) return "owner";
  if (model.now > escrow.deadline) return "late";
  let { vault } = escrow;
  let paidOut = 0n;
  const payees = [...model.payees];
  for (const [i, share] of action.shares.entries()) {
    if (model.frozen[i]) continue;
    if (share > vault) return "amount";
    vault -= share;
    paidOut += share;
    payees[i] = (payees[i] as bigint) + share;
  }
  const asked = action.shares.reduce((sum, share) => sum + share, 0n);
  if (action.fee > feeMax(asked, FEE_BPS)) return "fee";
  const most = feeMax(paidOut, FEE_BPS);
  const fee = action.fee < most ? action.fee : most;
  if (fee > vault) return "amount";
  const paid = escrow.paid + paidOut + fee;
  const allowed = allow(escrow, action, paid);
  if (allowed === null) return "voucher";
  const next = { ...escrow, vault: vault - fee, paid, allowed, releases: escrow.releases + 1 };
  return { ...model, payees, aggregator: model.aggregator + fee, escrow: next };
}

/** What is allowed from then on, or null when this release is not. */
function allow({ allowed }: Escrow, { by, limit }: Release, paid: bigint): bigint | null {
  if (by === "client" || paid <= allowed) return allowed;
  return by === "voucher" && paid <= limit ? limit : null;
}
