import type { TransactionInstruction } from "@solana/web3.js";
import { encodeBondExitRequest } from "../../solana/layout.ts";
import type { Address } from "../address.ts";
import { deriveBond } from "../derive-addresses.ts";
import { createInstruction } from "./create-instruction.ts";
import { role } from "./role.ts";

/** Starts the seven days after which a bond may leave. */
export function requestBondExit(program: Address, provider: Address, mint: Address): TransactionInstruction {
  return createInstruction(
    program,
    [role(provider, "signer"), role(deriveBond(program, provider, mint).address, "writable")],
    encodeBondExitRequest(),
  );
}
