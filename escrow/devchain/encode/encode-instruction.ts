import { type Address, getBase58Decoder, type ReadonlyUint8Array } from "@solana/kit";

/** An instruction that counts the accounts of its transaction. */
export interface IndexedInstruction {
  program: number;
  accounts: readonly number[];
  data: ReadonlyUint8Array;
  /** 1 for the transaction's own, more for those that a program called. */
  stack_height: number;
}

export function encodeInstruction({ program, accounts, data, stack_height }: IndexedInstruction): object {
  return {
    programIdIndex: program,
    accounts,
    data: getBase58Decoder().decode(data),
    stackHeight: stack_height,
  };
}

/** With addresses; the data stays bytes, as a validator leaves that of programs it does not know. */
export function encodeParsedInstruction(instruction: IndexedInstruction, keys: readonly Address[]): object {
  return {
    programId: keys[instruction.program],
    accounts: instruction.accounts.map((index) => keys[index]),
    data: getBase58Decoder().decode(instruction.data),
    stackHeight: instruction.stack_height,
  };
}
