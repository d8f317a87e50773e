import type { Bytes } from "@infernet/schemas/digest";
import { base64urlnopad } from "@scure/base";
import { z } from "zod";
import { AMOUNT_MAX, voucherMessage } from "../solana/layout.ts";
import { Address, addressBytes } from "./address.ts";
import { assertAmount } from "./amount.ts";
import { EscrowError } from "./escrow-error.ts";
import type { Signer } from "./signer.ts";
import { verifyEd25519 } from "./verify-ed25519.ts";

/** A client's word that the aggregator may release from an escrow until `limit` has been paid out of it in all. */
export interface Voucher {
  escrow: Address;
  /** Of the escrow as it is open now: a voucher is worth nothing for another that has its address later. */
  opened_slot: bigint;
  /** Base units of the mint: what `paid` may grow to, fees included. The highest counts; it is never lowered. */
  limit: bigint;
}

export interface SignedVoucher extends Voucher {
  /** 64 bytes. */
  signature: Bytes;
}

const bytesOf = ({ escrow, opened_slot, limit }: Voucher): Bytes =>
  voucherMessage(addressBytes(escrow), opened_slot, limit);

export async function signVoucher(client: Signer, voucher: Voucher): Promise<SignedVoucher> {
  assertAmount(voucher.limit, "the voucher's limit");
  return { ...voucher, signature: new Uint8Array(await client.sign(bytesOf(voucher))) };
}

/** Whether the client signed it so that the chain will agree. */
export const verifyVoucher = (client: Address, voucher: SignedVoucher): Promise<boolean> =>
  verifyEd25519(client, bytesOf(voucher), voucher.signature);

const VOUCHER_TEXT =
  /^([1-9A-HJ-NP-Za-km-z]{32,44})\.(0|[1-9]\d{0,15})\.(0|[1-9]\d{0,15})\.([\w-]{85}[AQgw])$/;

/**
 * A voucher as HTTP carries it, in a header or as a JSON string: escrow, opened_slot, limit and the signature in
 * base64url, with dots between them. A voucher has one spelling.
 */
export const VoucherText = z
  .string()
  .max(200)
  .regex(VOUCHER_TEXT, {
    error: "is not a voucher: <escrow>.<opened_slot>.<limit>.<signature>",
    abort: true,
  })
  .refine((text) => Address.safeParse(text.split(".")[0]).success, "names an escrow that is no address")
  .refine((text) => BigInt(text.split(".")[2] ?? 0) <= AMOUNT_MAX, "has a limit beyond 2^53 - 1");

export const renderVoucher = ({ escrow, opened_slot, limit, signature }: SignedVoucher): string =>
  VoucherText.parse(`${escrow}.${opened_slot}.${limit}.${base64urlnopad.encode(signature)}`);

/** Reads the text; says nothing about who signed it. Throws voucher_invalid. */
export function parseVoucher(text: string): SignedVoucher {
  const [, escrow, opened_slot, limit, signature] =
    VoucherText.safeParse(text).data?.match(VOUCHER_TEXT) ?? [];
  if (escrow === undefined || opened_slot === undefined || limit === undefined || signature === undefined)
    throw new EscrowError("voucher_invalid", "the text is not <escrow>.<opened_slot>.<limit>.<signature>");
  return {
    escrow: Address.parse(escrow),
    opened_slot: BigInt(opened_slot),
    limit: BigInt(limit),
    signature: new Uint8Array(base64urlnopad.decode(signature)),
  };
}
