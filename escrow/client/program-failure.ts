import { type TransactionError, VersionedTransaction } from "@solana/web3.js";
import { z } from "zod";
import { type EscrowErrorName, nameError } from "../solana/layout.ts";
import { type Address, addressOf } from "./address.ts";

/** Why the chain refused a transaction. */
export interface TransactionFailure {
  /** For people: names no key. */
  text: string;
  /**
   * The escrow program's error, if one of its instructions failed with one of its codes. The token program, which it calls,
   * has small codes too (1: too little money, 17: a frozen account), and a status does not tell whose it is.
   */
  program_error: EscrowErrorName | null;
}

const InstructionError = z.object({
  InstructionError: z.tuple([z.int().min(0), z.union([z.object({ Custom: z.int() }), z.unknown()])]),
});
const Custom = z.object({ Custom: z.int() });

/** @param raw the transaction, to see whose instruction failed */
export function readTransactionError(
  err: TransactionError,
  raw: Uint8Array,
  program: Address,
): TransactionFailure {
  const parsed = InstructionError.safeParse(err);
  if (!parsed.success) return { text: JSON.stringify(err), program_error: null };
  const [index, cause] = parsed.data.InstructionError;
  const code = Custom.safeParse(cause).data?.Custom ?? null;
  const isOurs = programOf(raw, index) === program;
  const program_error = code !== null && isOurs ? nameError(code) : null;
  const why = program_error ?? (code === null ? JSON.stringify(cause) : `custom error ${code}`);
  return { text: `instruction ${index} failed: ${why}`, program_error };
}

function programOf(raw: Uint8Array, instruction: number): Address | null {
  const { message } = VersionedTransaction.deserialize(raw);
  const key = message.staticAccountKeys[message.compiledInstructions[instruction]?.programIdIndex ?? -1];
  return key === undefined ? null : addressOf(key);
}

const FAILED = /^Program (\w+) failed: custom program error: 0x([0-9a-f]+)$/;

/** What a simulation's logs say: they name who failed, so another program's code is not taken for the escrow program's. */
export function readLogs(logs: readonly string[], program: Address): TransactionFailure | null {
  for (const line of logs) {
    const [, who, code] = line.match(FAILED) ?? [];
    if (who === undefined || code === undefined) continue;
    const program_error = who === program ? nameError(Number.parseInt(code, 16)) : null;
    const why = program_error ?? `custom error ${Number.parseInt(code, 16)}`;
    return { text: `program ${who} failed: ${why}`, program_error };
  }
  return null;
}
