import { readFileSync } from "node:fs";
import { type Address, getAddressDecoder, type Instruction, type KeyPairSigner } from "@solana/kit";
import {
  type BondState,
  decodeBond,
  decodeEscrow,
  type EscrowState,
  payeeDepth,
  payeePath,
  payeeRoot,
  payeeTree,
} from "../layout.ts";
import { type Chain, createActor, createChain, type Features, START } from "./chain.ts";
import { checkSignatures, keyOf, signVoucher } from "./evidence.ts";
import {
  addressOf,
  type BondDeposit,
  bondDeposit,
  type Open,
  open,
  type Place,
  PROGRAM_DEFAULTS,
  type Programs,
  placeBond,
  placeEscrow,
  type Refund,
  type Release,
  refund,
  release,
} from "./instructions.ts";
import { createMint, createToken } from "./tokens.ts";

/** Another build of the program may be put to the tests. */
export const PROGRAM = readFileSync(process.env.ESCROW_SO ?? `${import.meta.dirname}/../escrow.so`);

/** What a client has at first, and deposits. */
export const FUNDS = 1_000_000_000n;
export const DEPOSIT = 100_000_000n;
export const HOUR = 3_600n;
export const DAY = 86_400n;

const ACTORS = ["client", "aggregator", "alice", "bob", "carol", "mallory", "renter", "minter"] as const;
type ActorName = (typeof ACTORS)[number];

/** Nothing is there yet but people with lamports, a mint, and a token account for each. */
export interface World extends Chain, Record<ActorName, KeyPairSigner> {
  programs: Programs;
  mint: Address;
  /** Their associated token accounts. */
  tokens: Record<ActorName, Address>;
}

export async function createWorld(features: Features): Promise<World> {
  const chain = await createChain(features);
  // The program's key lies behind the data that it gets: data that end too soon must not be read on as a depth of 3.
  const program = getAddressDecoder().decode(crypto.getRandomValues(new Uint8Array(32)).with(0, 3));
  chain.svm.addProgram(program, PROGRAM);
  const actors = Object.fromEntries(
    await Promise.all(ACTORS.map(async (name) => [name, await createActor(chain)])),
  ) as Record<ActorName, KeyPairSigner>;
  const mint = await createMint(chain, actors.minter.address);
  const tokens: Partial<Record<ActorName, Address>> = {};
  for (const name of ACTORS) {
    const amount = name === "aggregator" ? 0n : FUNDS;
    tokens[name] = await createToken(chain, { mint, owner: actors[name].address, amount });
  }
  return {
    ...chain,
    ...actors,
    mint,
    tokens: tokens as Record<ActorName, Address>,
    programs: { ...PROGRAM_DEFAULTS, program },
  };
}

/** An escrow's instructions, as they should be; what is spread over them makes them otherwise. */
export interface EscrowAt extends Place {
  id: Uint8Array;
  /** The owners that rule 1 allows, and their tree. */
  payees: Address[];
  tree: ReturnType<typeof payeeTree>;
  open: Open;
}

/** An escrow that is not open yet: rule 1 with alice, bob and carol, an hour to go, a fee of two in a hundred. */
export async function planEscrow(world: World, id = 1): Promise<EscrowAt> {
  const { client, aggregator, mint, tokens, programs } = world;
  const idBytes = new Uint8Array(32).fill(id);
  const place = await placeEscrow(programs.program, client.address, idBytes, mint);
  const payees = [world.alice.address, world.bob.address, world.carol.address];
  const tree = payeeTree(payees.map(keyOf));
  return {
    ...place,
    id: idBytes,
    payees,
    tree,
    open: {
      ...programs,
      client,
      rent_payer: world.renter,
      escrow: place.address,
      vault: place.vault,
      source: tokens.client,
      mint,
      aggregator: aggregator.address,
      data: {
        bump: place.bump,
        fee_bps: 200,
        payee_rule: 1,
        deadline: START + HOUR,
        amount: DEPOSIT,
        min_bond: 0n,
        id: idBytes,
        payees: payeeRoot(tree),
      },
    },
  };
}

/** Opens an escrow as planned, but for what its data has otherwise. */
export async function openEscrow(
  world: World,
  { id = 1, ...data }: { id?: number } & Partial<Omit<Open["data"], "id">> = {},
): Promise<EscrowAt> {
  const escrow = await planEscrow(world, id);
  escrow.open.data = { ...escrow.open.data, ...data };
  await world.send([open(escrow.open)]);
  return escrow;
}

export function stateOf({ svm }: Chain, escrow: Place): EscrowState {
  const account = svm.getAccount(escrow.address);
  const state = account.exists ? decodeEscrow(Uint8Array.from(account.data)) : null;
  if (state === null) throw new Error("there is no escrow");
  return state;
}

export function bondOf({ svm }: Chain, bond: Place): BondState {
  const account = svm.getAccount(bond.address);
  const state = account.exists ? decodeBond(Uint8Array.from(account.data)) : null;
  if (state === null) throw new Error("there is no bond");
  return state;
}

export const exists = ({ svm }: Chain, address: Address): boolean => svm.getAccount(address).exists;

/** A share for each payee of rule 1, by its place among them. */
export type Share = { who: number; amount: bigint; token?: Address };

/** What the client signs to release, to rule 1's payees at their associated token accounts. */
export function planRelease(
  world: World,
  escrow: EscrowAt,
  shares: readonly Share[],
  { fee = 0n, releases = 0 } = {},
): Release {
  const holders = [world.tokens.alice, world.tokens.bob, world.tokens.carol];
  return {
    ...world.programs,
    authority: world.client,
    escrow: escrow.address,
    vault: escrow.vault,
    fee_token: world.tokens.aggregator,
    mint: world.mint,
    payees: shares.map(({ who, token }) => token ?? (holders[who] as Address)),
    data: {
      releases,
      fee,
      depth: payeeDepth(escrow.tree),
      payees: shares.map(({ who, amount }) => ({
        amount,
        proof: { index: who, path: payeePath(escrow.tree, who) },
      })),
    },
  };
}

/** The two instructions by which the aggregator releases within a limit that the client signed. */
export async function releaseByVoucher(
  world: World,
  plan: Release,
  limit: bigint,
  { signer = world.client, escrow = plan.escrow, slot = stateOf(world, placeOf(plan)).opened_slot } = {},
): Promise<Instruction[]> {
  const voucher = await signVoucher(signer, escrow, slot, limit);
  return [checkSignatures(voucher), release({ ...plan, authority: world.aggregator })];
}

const placeOf = ({ escrow, vault }: Release): Place => ({ address: escrow, vault, bump: 0 });

/** What anybody may send after the deadline. */
export const planRefund = (world: World, escrow: Place): Refund => ({
  ...world.programs,
  escrow: escrow.address,
  vault: escrow.vault,
  client: world.client.address,
  client_token: world.tokens.client,
  rent_payer: world.renter.address,
  aggregator: world.aggregator.address,
});

export const sendRefund = (world: World, escrow: Place, over: Partial<Refund> = {}) =>
  world.send([refund({ ...planRefund(world, escrow), ...over })]);

export interface BondAt extends Place {
  deposit: BondDeposit;
}

/** A provider's bond that is not there yet, paid out of the provider's own account and to the provider. */
export async function planBond(
  world: World,
  provider: "alice" | "bob" | "carol",
  amount: bigint,
): Promise<BondAt> {
  const signer = world[provider];
  const place = await placeBond(world.programs.program, signer.address, world.mint);
  return {
    ...place,
    deposit: {
      ...world.programs,
      provider: signer,
      rent_payer: world.renter,
      bond: place.address,
      vault: place.vault,
      source: world.tokens[provider],
      source_owner: signer,
      mint: world.mint,
      data: { bump: place.bump, amount, payout: keyOf(addressOf(signer)) },
    },
  };
}

export async function makeBond(
  world: World,
  provider: "alice" | "bob" | "carol",
  amount: bigint,
  over: Partial<BondDeposit["data"]> = {},
): Promise<BondAt> {
  const bond = await planBond(world, provider, amount);
  bond.deposit.data = { ...bond.deposit.data, ...over };
  await world.send([bondDeposit(bond.deposit)]);
  return bond;
}

/** An instruction with one account or one byte of data less or more. */
export const withoutLastAccount = (instruction: Instruction): Instruction => ({
  ...instruction,
  accounts: (instruction.accounts ?? []).slice(0, -1),
});

export const withAccount = (instruction: Instruction, address: Address): Instruction => ({
  ...instruction,
  accounts: [...(instruction.accounts ?? []), { address, role: 0 }],
});

export const withData = (
  instruction: Instruction,
  change: (data: Uint8Array) => Uint8Array,
): Instruction => ({
  ...instruction,
  data: change(Uint8Array.from(instruction.data ?? [])),
});

export const longer = (data: Uint8Array): Uint8Array => Uint8Array.from([...data, 0]);
export const shorter = (data: Uint8Array): Uint8Array => data.slice(0, -1);
