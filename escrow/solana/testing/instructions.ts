import {
  type AccountMeta,
  AccountRole,
  type Address,
  getProgramDerivedAddress,
  type Instruction,
  isTransactionSigner,
  type TransactionSigner,
} from "@solana/kit";
import { findAssociatedTokenPda, TOKEN_PROGRAM_ADDRESS } from "@solana-program/token";
import {
  bondSeeds,
  encodeBondDeposit,
  encodeBondExit,
  encodeBondExitRequest,
  encodeOpen,
  encodeRefund,
  encodeRelease,
  encodeSlash,
  encodeTopUp,
  escrowSeeds,
  type OpenData,
  PROGRAMS,
  type ReleaseData,
} from "../layout.ts";
import { keyOf } from "./evidence.ts";

/** Whoever is given as a signer signs; an address only stands there. */
export type Party = Address | TransactionSigner;

export const addressOf = (party: Party): Address => (typeof party === "string" ? party : party.address);

const written = (party: Party): AccountMeta => meta(party, AccountRole.WRITABLE, AccountRole.WRITABLE_SIGNER);
const read = (party: Party): AccountMeta => meta(party, AccountRole.READONLY, AccountRole.READONLY_SIGNER);

function meta(party: Party, plain: AccountRole, signing: AccountRole): AccountMeta {
  if (typeof party === "string" || !isTransactionSigner(party))
    return { address: addressOf(party), role: plain };
  const signed = { address: party.address, role: signing, signer: party };
  return signed;
}

export interface Place {
  address: Address;
  bump: number;
  vault: Address;
}

export async function placeEscrow(
  program: Address,
  client: Address,
  id: Uint8Array,
  mint: Address,
): Promise<Place> {
  return place(program, escrowSeeds(keyOf(client), id), mint);
}

export async function placeBond(program: Address, provider: Address, mint: Address): Promise<Place> {
  return place(program, bondSeeds(keyOf(provider), keyOf(mint)), mint);
}

async function place(programAddress: Address, seeds: Uint8Array[], mint: Address): Promise<Place> {
  const [address, bump] = await getProgramDerivedAddress({ programAddress, seeds });
  const [vault] = await findAssociatedTokenPda({ owner: address, mint, tokenProgram: TOKEN_PROGRAM_ADDRESS });
  return { address, bump, vault };
}

export interface Programs {
  program: Address;
  token: Address;
  associated: Address;
  system: Address;
  sysvar: Address;
}

export const PROGRAM_DEFAULTS: Omit<Programs, "program"> = {
  token: PROGRAMS.token as Address,
  associated: PROGRAMS.associated_token as Address,
  system: PROGRAMS.system as Address,
  sysvar: PROGRAMS.instructions as Address,
};

export interface Open extends Programs {
  client: Party;
  rent_payer: Party;
  escrow: Address;
  vault: Address;
  source: Address;
  mint: Address;
  aggregator: Address;
  data: OpenData;
}

export const open = (o: Open): Instruction => ({
  programAddress: o.program,
  accounts: [
    read(o.client),
    written(o.rent_payer),
    written(o.escrow),
    written(o.vault),
    written(o.source),
    read(o.mint),
    read(o.aggregator),
    read(o.token),
    read(o.associated),
    read(o.system),
  ],
  data: encodeOpen(o.data),
});

export interface TopUp extends Programs {
  funder: Party;
  client: Party;
  escrow: Address;
  vault: Address;
  source: Address;
  data: { amount: bigint; deadline: bigint };
}

export const topUp = (t: TopUp): Instruction => ({
  programAddress: t.program,
  accounts: [
    read(t.funder),
    read(t.client),
    written(t.escrow),
    written(t.vault),
    written(t.source),
    read(t.token),
  ],
  data: encodeTopUp(t.data),
});

export interface Release extends Programs {
  authority: Party;
  escrow: Address;
  vault: Address;
  fee_token: Address;
  mint: Address;
  /** Token accounts, each followed by its bond with rule 2. */
  payees: readonly Address[];
  data: ReleaseData;
}

export const release = (r: Release): Instruction => ({
  programAddress: r.program,
  accounts: [
    read(r.authority),
    written(r.escrow),
    written(r.vault),
    written(r.fee_token),
    read(r.mint),
    read(r.token),
    read(r.sysvar),
    ...r.payees.map(written),
  ],
  data: encodeRelease(r.data),
});

export interface Refund extends Programs {
  escrow: Address;
  vault: Address;
  client: Party;
  client_token: Address;
  rent_payer: Address;
  aggregator: Party;
}

export const refund = (r: Refund): Instruction => ({
  programAddress: r.program,
  accounts: [
    written(r.escrow),
    written(r.vault),
    read(r.client),
    written(r.client_token),
    written(r.rent_payer),
    read(r.aggregator),
    read(r.token),
  ],
  data: encodeRefund(),
});

export interface BondDeposit extends Programs {
  provider: Party;
  rent_payer: Party;
  bond: Address;
  vault: Address;
  source: Address;
  source_owner: Party;
  mint: Address;
  data: { bump: number; amount: bigint; payout: Uint8Array };
}

export const bondDeposit = (d: BondDeposit): Instruction => ({
  programAddress: d.program,
  accounts: [
    read(d.provider),
    written(d.rent_payer),
    written(d.bond),
    written(d.vault),
    written(d.source),
    read(d.source_owner),
    read(d.mint),
    read(d.token),
    read(d.associated),
    read(d.system),
  ],
  data: encodeBondDeposit(d.data),
});

export interface BondExitRequest extends Programs {
  provider: Party;
  bond: Address;
}

export const bondExitRequest = (r: BondExitRequest): Instruction => ({
  programAddress: r.program,
  accounts: [read(r.provider), written(r.bond)],
  data: encodeBondExitRequest(),
});

export interface BondExit extends Programs {
  provider: Party;
  bond: Address;
  vault: Address;
  destination: Address;
  rent_payer: Address;
}

export const bondExit = (e: BondExit): Instruction => ({
  programAddress: e.program,
  accounts: [
    read(e.provider),
    written(e.bond),
    written(e.vault),
    written(e.destination),
    written(e.rent_payer),
    read(e.token),
  ],
  data: encodeBondExit(),
});

export interface Slash extends Programs {
  bond: Address;
  vault: Address;
  mint: Address;
  reporter_token: Address;
  rent_payer: Address;
}

export const slash = (s: Slash): Instruction => ({
  programAddress: s.program,
  accounts: [
    written(s.bond),
    written(s.vault),
    written(s.mint),
    written(s.reporter_token),
    written(s.rent_payer),
    read(s.sysvar),
    read(s.token),
  ],
  data: encodeSlash(),
});
