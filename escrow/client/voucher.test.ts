import { hex } from "@scure/base";
import { describe, expect, it } from "vitest";
import { voucherMessage } from "../solana/layout.ts";
import { addressBytes, parseAddress } from "./address.ts";
import { plainAddress, seedSigner } from "./testing/seeds.ts";
import vectors from "./vectors.json" with { type: "json" };
import {
  parseVoucher,
  renderVoucher,
  signVoucher,
  type Voucher,
  VoucherText,
  verifyVoucher,
} from "./voucher.ts";

const { voucher: vector, voucher_refused } = vectors;
const client = parseAddress(vector.client);
const voucher: Voucher = {
  escrow: parseAddress(vector.escrow),
  opened_slot: BigInt(vector.opened_slot),
  limit: BigInt(vector.limit),
};

describe("a voucher", () => {
  it("is signed over the vector's bytes", async () => {
    const { escrow, opened_slot, limit } = voucher;
    expect(hex.encode(voucherMessage(addressBytes(escrow), opened_slot, limit))).toBe(vector.message);
    expect(renderVoucher(await signVoucher(await seedSigner(1), voucher))).toBe(vector.text);
  });

  it("comes back from its text, and is its client's alone", async () => {
    const parsed = parseVoucher(vector.text);
    expect(parsed).toMatchObject(voucher);
    expect(await verifyVoucher(client, parsed)).toBe(true);
    expect(await verifyVoucher((await seedSigner(2)).address, parsed)).toBe(false);
  });

  it.each([
    ["escrow", { escrow: plainAddress(7) }],
    ["opening", { opened_slot: 124n }],
    ["limit", { limit: 5_000_001n }],
  ])("is worth nothing with another %s", async (_, change) => {
    expect(await verifyVoucher(client, { ...parseVoucher(vector.text), ...change })).toBe(false);
  });

  it("is refused where its signature would satisfy WebCrypto but not the chain", async () => {
    expect(await verifyVoucher(client, parseVoucher(voucher_refused.text))).toBe(false);
  });

  it("has no limit beyond 2^53 - 1", async () => {
    const signing = signVoucher(await seedSigner(1), { ...voucher, limit: 2n ** 53n });
    await expect(signing).rejects.toMatchObject({ code: "amount_invalid" });
  });
});

describe("a voucher's text", () => {
  const [escrow, opened_slot, limit, signature] = vector.text.split(".");

  it.each([
    ["nothing", ""],
    ["three parts", `${escrow}.${opened_slot}.${limit}`],
    ["five parts", `${vector.text}.1`],
    ["an escrow of 33 bytes", `${"1".repeat(33)}.${opened_slot}.${limit}.${signature}`],
    ["a number with a zero in front", `${escrow}.0${opened_slot}.${limit}.${signature}`],
    ["a negative limit", `${escrow}.${opened_slot}.-1.${signature}`],
    ["a limit of 2^53", `${escrow}.${opened_slot}.9007199254740992.${signature}`],
    ["a signature in base64 with padding", `${escrow}.${opened_slot}.${limit}.${signature}==`],
    ["a signature with spare bits set", `${escrow}.${opened_slot}.${limit}.${signature?.slice(0, -1)}B`],
    ["a newline", `${vector.text}\n`],
  ])("is not %s", (_, text) => {
    expect(VoucherText.safeParse(text).success).toBe(false);
    expect(() => parseVoucher(text)).toThrow(expect.objectContaining({ code: "voucher_invalid" }));
  });
});
