import type { Bytes } from "@infernet/schemas/digest";
import { hashSha256 } from "@infernet/schemas/hash";

/**
 * The program's bytes as README.md specifies them: accounts, instruction data, what is signed off the chain, and the tree
 * of payees. Pure, for the clients and the tests. Integers are little-endian; keys are 32 raw bytes; amounts are whole base
 * units of the mint; times are Unix seconds.
 */

/** Largest amount the program takes: 2^53 - 1. */
export const AMOUNT_MAX = 2n ** 53n - 1n;
export const FEE_BPS_MAX = 200;
export const PAYEES_MAX = 12;
/** Largest depth of a tree of payees. */
export const DEPTH_MAX = 20;
/** How far away a deadline may be when it is set: 90 days. */
export const TERM_SECONDS_MAX = 90n * 86_400n;
/** How long a bond stays after its provider asked for it: 7 days. */
export const COOLDOWN_SECONDS = 7n * 86_400n;

export const ESCROW_BYTES = 256;
export const BOND_BYTES = 160;

/** Addresses of the programs and the sysvar that instructions name, in base58. */
export const PROGRAMS = {
  token: "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
  associated_token: "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL",
  system: "11111111111111111111111111111111",
  ed25519: "Ed25519SigVerify111111111111111111111111111",
  instructions: "Sysvar1nstructions1111111111111111111111111",
} as const;

/** The first byte of an instruction's data. */
export const INSTRUCTION = {
  open: 0,
  top_up: 1,
  release: 2,
  refund: 3,
  bond_deposit: 4,
  bond_exit_request: 5,
  bond_exit: 6,
  slash: 7,
} as const;

/** What the program fails with: the custom code of an instruction's error. */
export const ERROR = {
  data: 1,
  accounts: 2,
  signer: 3,
  owner: 4,
  address: 5,
  state: 6,
  mint: 7,
  fee: 8,
  amount: 9,
  early: 10,
  late: 11,
  authority: 12,
  program: 13,
  evidence: 14,
  call: 15,
  payee: 16,
  sequence: 17,
  voucher: 18,
} as const;
export type EscrowErrorName = keyof typeof ERROR;

/** The name of a custom code, or null for one that is not the program's. */
export function nameError(code: number): EscrowErrorName | null {
  for (const [name, known] of Object.entries(ERROR)) if (known === code) return name as EscrowErrorName;
  return null;
}

/** 1: one of a committed set. 2: bonded. */
export type PayeeRule = 1 | 2;

export interface EscrowState {
  bump: number;
  fee_bps: number;
  payee_rule: PayeeRule;
  /** Releases so far; the next one must name this number. */
  releases: number;
  /** Bit i is set when payee i of the last release was paid. */
  last_paid: number;
  opened_slot: bigint;
  /** Unix seconds. */
  deadline: bigint;
  /** Everything released so far, fees included. */
  paid: bigint;
  /** For rule 2, else 0. */
  min_bond: bigint;
  client: Bytes;
  aggregator: Bytes;
  mint: Bytes;
  id: Bytes;
  /** For rule 1 the Merkle root of the payees' owners, else zeros. */
  payees: Bytes;
  rent_payer: Bytes;
  /** The highest limit of a voucher that a release needed: up to it `paid` may grow without one. */
  allowed: bigint;
}

/** The state of an escrow account, or null for bytes that are none. Whoever reads it checks the account's owner first. */
export function decodeEscrow(bytes: Uint8Array): EscrowState | null {
  if (bytes.length !== ESCROW_BYTES || bytes[0] !== 1) return null;
  const view = viewOf(bytes);
  const payee_rule = view.getUint8(4);
  if (payee_rule !== 1 && payee_rule !== 2) return null;
  return {
    bump: view.getUint8(1),
    fee_bps: view.getUint16(2, true),
    payee_rule,
    releases: view.getUint32(8, true),
    last_paid: view.getUint32(12, true),
    opened_slot: view.getBigUint64(16, true),
    deadline: view.getBigInt64(24, true),
    paid: view.getBigUint64(32, true),
    min_bond: view.getBigUint64(40, true),
    client: key(bytes, 48),
    aggregator: key(bytes, 80),
    mint: key(bytes, 112),
    id: key(bytes, 144),
    payees: key(bytes, 176),
    rent_payer: key(bytes, 208),
    allowed: view.getBigUint64(240, true),
  };
}

export interface BondState {
  bump: number;
  /** What was deposited. */
  amount: bigint;
  /** When it may leave, in Unix seconds; 0 while it is not leaving. */
  unlock: bigint;
  provider: Bytes;
  mint: Bytes;
  /** Owner of the token account that is paid. */
  payout: Bytes;
  rent_payer: Bytes;
}

/** The state of a bond account, or null for bytes that are none. Whoever reads it checks the account's owner first. */
export function decodeBond(bytes: Uint8Array): BondState | null {
  if (bytes.length !== BOND_BYTES || bytes[0] !== 2) return null;
  const view = viewOf(bytes);
  return {
    bump: view.getUint8(1),
    amount: view.getBigUint64(8, true),
    unlock: view.getBigInt64(16, true),
    provider: key(bytes, 24),
    mint: key(bytes, 56),
    payout: key(bytes, 88),
    rent_payer: key(bytes, 120),
  };
}

/** Seeds of an escrow's address, without the bump. */
export const escrowSeeds = (client: Uint8Array, id: Uint8Array): Uint8Array[] => [
  ascii("escrow"),
  client,
  id,
];

/** Seeds of a bond's address, without the bump. */
export const bondSeeds = (provider: Uint8Array, mint: Uint8Array): Uint8Array[] => [
  ascii("bond"),
  provider,
  mint,
];

export interface OpenData {
  bump: number;
  fee_bps: number;
  payee_rule: PayeeRule;
  deadline: bigint;
  amount: bigint;
  min_bond: bigint;
  id: Uint8Array;
  payees: Uint8Array;
}

export const encodeOpen = (open: OpenData): Bytes =>
  concat(
    u8(INSTRUCTION.open),
    u8(open.bump),
    u16(open.fee_bps),
    u8(open.payee_rule),
    i64(open.deadline),
    u64(open.amount),
    u64(open.min_bond),
    open.id,
    open.payees,
  );

/** @param topUp a deadline of 0 leaves it as it is */
export const encodeTopUp = (topUp: { amount: bigint; deadline: bigint }): Bytes =>
  concat(u8(INSTRUCTION.top_up), u64(topUp.amount), i64(topUp.deadline));

export interface PayeeShare {
  amount: bigint;
  /** With rule 1: where the payee's owner stands in the committed set, and the hashes beside its way to the root. */
  proof?: { index: number; path: readonly Uint8Array[] };
}

export interface ReleaseData {
  /** As many as the escrow has had. */
  releases: number;
  fee: bigint;
  /** Of the tree of payees; 0 with rule 2. Every path is as long. */
  depth: number;
  payees: readonly PayeeShare[];
}

export const encodeRelease = (release: ReleaseData): Bytes =>
  concat(
    u8(INSTRUCTION.release),
    u32(release.releases),
    u64(release.fee),
    u8(release.depth),
    ...release.payees.flatMap(({ amount, proof }) => [
      u64(amount),
      ...(proof === undefined ? [] : [u32(proof.index), ...proof.path]),
    ]),
  );

export const encodeRefund = (): Bytes => u8(INSTRUCTION.refund);

export const encodeBondDeposit = (deposit: { bump: number; amount: bigint; payout: Uint8Array }): Bytes =>
  concat(u8(INSTRUCTION.bond_deposit), u8(deposit.bump), u64(deposit.amount), deposit.payout);

export const encodeBondExitRequest = (): Bytes => u8(INSTRUCTION.bond_exit_request);

export const encodeBondExit = (): Bytes => u8(INSTRUCTION.bond_exit);

export const encodeSlash = (): Bytes => u8(INSTRUCTION.slash);

/** The largest fee beside `shares` for the payees: then it is at most `fee_bps` of all that is paid out. */
export const feeMax = (shares: bigint, fee_bps: number): bigint =>
  (shares * BigInt(fee_bps)) / (10_000n - BigInt(fee_bps));

/** What a client signs so that the aggregator may release: `paid` of this escrow may grow to `limit`. 64 bytes. */
export const voucherMessage = (escrow: Uint8Array, opened_slot: bigint, limit: bigint): Bytes =>
  concat(ascii("infernet/vouch\0\0"), escrow, u64(opened_slot), u64(limit));

/** What a provider signs for each commitment; two with one context and two roots are what a bond answers for. 80 bytes. */
export const commitmentMessage = (contextHash: Uint8Array, root: Uint8Array): Bytes =>
  concat(ascii("infernet/commit\0"), contextHash, root);

export interface SignedMessage {
  /** 64 bytes. */
  signature: Uint8Array;
  public_key: Uint8Array;
  message: Uint8Array;
}

/**
 * Data of an instruction to the Ed25519 precompile that carries all it checks in itself, as the program wants it: a count,
 * a byte of padding, 14 bytes of offsets for each signature, then signature, key and message of each.
 */
export function encodeEd25519(signed: readonly SignedMessage[]): Bytes {
  const heads: Uint8Array[] = [];
  const bodies: Uint8Array[] = [];
  let at = 2 + 14 * signed.length;
  for (const { signature, public_key, message } of signed) {
    const here = u16(0xffff);
    heads.push(u16(at), here, u16(at + 64), here, u16(at + 96), u16(message.length), here);
    bodies.push(signature, public_key, message);
    at += 96 + message.length;
  }
  return concat(u8(signed.length), u8(0), ...heads, ...bodies);
}

/**
 * The tree over the payees' owners, level by level from the leaves to the root. A leaf is sha256(0x00, owner), a node
 * sha256(0x01, left, right); leaves that are missing to a power of two are zeros. Throws RangeError when there are no
 * owners, or more than 2^20.
 */
export function payeeTree(owners: readonly Uint8Array[]): Bytes[][] {
  const depth = Math.ceil(Math.log2(owners.length));
  if (owners.length === 0 || depth > DEPTH_MAX)
    throw new RangeError(`a tree cannot hold ${owners.length} payees`);
  let level = owners.map((owner) => hash(u8(0), owner));
  while (level.length < 2 ** depth) level.push(new Uint8Array(32));
  const levels = [level];
  while (level.length > 1) {
    level = pairs(level).map(([left, right]) => hash(u8(1), left, right));
    levels.push(level);
  }
  return levels;
}

/** What an escrow of rule 1 commits to. */
export const payeeRoot = (tree: readonly (readonly Bytes[])[]): Bytes => tree.at(-1)?.[0] as Bytes;

/** The depth that a release names. */
export const payeeDepth = (tree: readonly (readonly Bytes[])[]): number => tree.length - 1;

/** The hashes beside the way from the owner at `index` to the root. */
export const payeePath = (tree: readonly (readonly Bytes[])[], index: number): Bytes[] =>
  tree.slice(0, -1).map((level, height) => level[(index >> height) ^ 1] as Bytes);

function pairs<T>(items: readonly T[]): [T, T][] {
  const count = items.length / 2;
  return Array.from({ length: count }, (_, i) => [items[2 * i] as T, items[2 * i + 1] as T]);
}

const hash = (...parts: Uint8Array[]): Bytes => new Uint8Array(hashSha256(concat(...parts)));

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const key = (bytes: Uint8Array, offset: number): Bytes => new Uint8Array(bytes.slice(offset, offset + 32));

const ascii = (text: string): Bytes => new Uint8Array(new TextEncoder().encode(text));

const u8 = (value: number): Bytes => whole(BigInt(value), 1);
const u16 = (value: number): Bytes => whole(BigInt(value), 2);
const u32 = (value: number): Bytes => whole(BigInt(value), 4);
const u64 = (value: bigint): Bytes => whole(value, 8);

function whole(value: bigint, size: number): Bytes {
  if (BigInt.asUintN(8 * size, value) !== value) throw new RangeError(`${value} does not fit ${size} bytes`);
  return little(value, size);
}

function i64(value: bigint): Bytes {
  if (BigInt.asIntN(64, value) !== value) throw new RangeError(`${value} does not fit 8 signed bytes`);
  return little(value, 8);
}

const little = (value: bigint, size: number): Bytes =>
  Uint8Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));

function concat(...parts: readonly Uint8Array[]): Bytes {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
