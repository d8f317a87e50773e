import { hex } from "@scure/base";
import type { TransactionInstruction } from "@solana/web3.js";
import { describe, expect, it } from "vitest";
import { parseAddress } from "../address.ts";
import { EscrowError } from "../escrow-error.ts";
import { PROGRAM, SAMPLE_INSTRUCTIONS } from "../testing/sample-instructions.ts";
import { plainAddress } from "../testing/seeds.ts";
import vectors from "../vectors.json" with { type: "json" };
import { openEscrow } from "./open-escrow.ts";
import { releaseEscrow } from "./release-escrow.ts";
import { topUpEscrow } from "./top-up-escrow.ts";

const render = ({ programId, keys, data }: TransactionInstruction) => ({
  program: programId.toBase58(),
  accounts: keys.map(({ pubkey, isSigner, isWritable }) =>
    [pubkey.toBase58(), isSigner ? "s" : "", isWritable ? "w" : ""].filter(Boolean).join(" "),
  ),
  data: hex.encode(data),
});

const codeOf = (build: () => unknown): string => {
  try {
    build();
  } catch (error) {
    if (error instanceof EscrowError) return error.code;
    throw error;
  }
  return "none";
};

describe("the program's instructions", () => {
  it.each(Object.entries(SAMPLE_INSTRUCTIONS))("are the vectors' bytes: %s", (name, build) => {
    const vector = vectors.instructions.find((candidate) => candidate.name === name);
    expect({ name, ...render(build()) }).toEqual(vector);
  });

  it("are all in the vectors", () => {
    expect(vectors.instructions.map(({ name }) => name)).toEqual(Object.keys(SAMPLE_INSTRUCTIONS));
  });
});

const OPEN = {
  client: plainAddress(1),
  rent_payer: plainAddress(1),
  source: plainAddress(2),
  mint: plainAddress(3),
  aggregator: plainAddress(4),
  id: new Uint8Array(32),
  fee_bps: 200,
  payees: { kind: "bonded", min_bond: 1n },
  deadline: 1n,
  amount: 0n,
} as const;

describe("what no instruction is built of", () => {
  it("is an amount that is negative or beyond 2^53 - 1", () => {
    for (const amount of [-1n, 2n ** 53n])
      expect(codeOf(() => openEscrow(PROGRAM, { ...OPEN, amount }))).toBe("amount_invalid");
    expect(codeOf(() => openEscrow(PROGRAM, { ...OPEN, amount: 2n ** 53n - 1n }))).toBe("none");
  });

  it("is a fee above 2 %, or a broken one", () => {
    for (const fee_bps of [-1, 201, 1.5])
      expect(codeOf(() => openEscrow(PROGRAM, { ...OPEN, fee_bps }))).toBe("argument_invalid");
  });

  it("is an id, or a root, of another length than 32 bytes", () => {
    expect(codeOf(() => openEscrow(PROGRAM, { ...OPEN, id: new Uint8Array(31) }))).toBe("argument_invalid");
    const payees = { kind: "committed", root: new Uint8Array(33) } as const;
    expect(codeOf(() => openEscrow(PROGRAM, { ...OPEN, payees }))).toBe("argument_invalid");
  });

  it("is a bond of nothing", () => {
    const payees = { kind: "bonded", min_bond: 0n } as const;
    expect(codeOf(() => openEscrow(PROGRAM, { ...OPEN, payees }))).toBe("amount_invalid");
  });

  it("is a top-up of less than nothing", () => {
    const topUp = { ...OPEN, funder: OPEN.client, escrow: OPEN.mint, deadline: null };
    expect(codeOf(() => topUpEscrow(PROGRAM, { ...topUp, amount: -1n }))).toBe("amount_invalid");
  });

  const release = {
    ...OPEN,
    authority: OPEN.client,
    escrow: OPEN.mint,
    fee_token: OPEN.mint,
    releases: 0,
    fee: 0n,
  };
  const bonded = (count: number, amount: bigint) => ({
    kind: "bonded" as const,
    payees: Array.from({ length: count }, () => ({
      token_account: OPEN.mint,
      bond: parseAddress(OPEN.mint),
      amount,
    })),
  });

  it("is a release to nobody, to thirteen, or of nothing", () => {
    expect(codeOf(() => releaseEscrow(PROGRAM, { ...release, payees: bonded(0, 1n) }))).toBe(
      "argument_invalid",
    );
    expect(codeOf(() => releaseEscrow(PROGRAM, { ...release, payees: bonded(13, 1n) }))).toBe(
      "argument_invalid",
    );
    expect(codeOf(() => releaseEscrow(PROGRAM, { ...release, payees: bonded(1, 0n) }))).toBe(
      "amount_invalid",
    );
    expect(codeOf(() => releaseEscrow(PROGRAM, { ...release, payees: bonded(12, 1n) }))).toBe("none");
  });

  it("is paths of two lengths, too long a path, or a hash that is none", () => {
    const payees = (...lengths: number[]) => ({
      kind: "committed" as const,
      payees: lengths.map((length, index) => ({
        token_account: OPEN.mint,
        amount: 1n,
        index,
        path: Array.from({ length }, () => new Uint8Array(32)),
      })),
    });
    expect(codeOf(() => releaseEscrow(PROGRAM, { ...release, payees: payees(1, 2) }))).toBe(
      "argument_invalid",
    );
    expect(codeOf(() => releaseEscrow(PROGRAM, { ...release, payees: payees(21) }))).toBe("argument_invalid");
    const [payee] = payees(0).payees;
    const broken = {
      kind: "committed" as const,
      payees: [{ ...payee, token_account: OPEN.mint, amount: 1n, index: 0, path: [new Uint8Array(31)] }],
    };
    expect(codeOf(() => releaseEscrow(PROGRAM, { ...release, payees: broken }))).toBe("argument_invalid");
  });
});
