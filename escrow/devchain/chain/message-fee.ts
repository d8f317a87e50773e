import type { CompiledMessage } from "./wire-transaction.ts";

const LAMPORTS_PER_SIGNATURE = 5_000n;
const MICRO_LAMPORTS = 1_000_000n;

const COMPUTE_BUDGET = "ComputeBudget111111111111111111111111111111";
const SET_UNIT_LIMIT = 2;
const SET_UNIT_PRICE = 3;

/** Compute units that an instruction may use when the transaction sets no limit: less for what is built in (SIMD-170). */
const UNITS_BUILTIN = 3_000n;
const UNITS_PROGRAM = 200_000n;
const UNITS_MAX = 1_400_000n;
const BUILTINS = new Set([
  "11111111111111111111111111111111",
  COMPUTE_BUDGET,
  "Vote111111111111111111111111111111111111111",
  "BPFLoader2111111111111111111111111111111111",
  "BPFLoader1111111111111111111111111111111111",
  "BPFLoaderUpgradeab1e11111111111111111111111",
  "LoaderV411111111111111111111111111111111111",
]);

/** Programs without code, whose first byte of data counts the signatures that the validator checks for a fee. */
const PRECOMPILES = new Set([
  "Ed25519SigVerify111111111111111111111111111",
  "KeccakSecp256k11111111111111111111111111111",
  "Secp256r1SigVerify1111111111111111111111111",
]);

/** Lamports that a transaction with this message pays: for its signatures, and for the compute units it bids for. */
export function messageFee(message: CompiledMessage): bigint {
  let signatures = BigInt(message.header.numSignerAccounts);
  let price_micro = 0n;
  let limit: bigint | null = null;
  let units = 0n;
  for (const { programAddressIndex, data: bytes } of message.instructions) {
    const program = message.staticAccounts[programAddressIndex] ?? "";
    const data = Buffer.from(bytes ?? new Uint8Array());
    if (PRECOMPILES.has(program)) {
      signatures += BigInt(data[0] ?? 0);
      continue;
    }
    units += BUILTINS.has(program) ? UNITS_BUILTIN : UNITS_PROGRAM;
    if (program !== COMPUTE_BUDGET) continue;
    if (data[0] === SET_UNIT_LIMIT && data.length >= 5) limit = BigInt(data.readUInt32LE(1));
    if (data[0] === SET_UNIT_PRICE && data.length >= 9) price_micro = data.readBigUInt64LE(1);
  }
  const wanted = limit ?? units;
  const bought = wanted < UNITS_MAX ? wanted : UNITS_MAX;
  return signatures * LAMPORTS_PER_SIGNATURE + (bought * price_micro + MICRO_LAMPORTS - 1n) / MICRO_LAMPORTS;
}
