import {
  type Address,
  appendTransactionMessageInstructions,
  createTransactionMessage,
  generateKeyPairSigner,
  type Instruction,
  type KeyPairSigner,
  lamports,
  pipe,
  setTransactionMessageFeePayerSigner,
  signTransactionMessageWithSigners,
} from "@solana/kit";
import { FailedTransactionMetadata, FeatureSet, LiteSVM } from "litesvm";
import { type EscrowErrorName, nameError, PROGRAMS } from "../layout.ts";

/** The features that mainnet has, or every one that the machine knows, for what mainnet will be. */
export type Features = "mainnet" | "all";
export const FEATURES: readonly Features[] =
  process.env.ESCROW_FEATURES === "mainnet" ? ["mainnet"] : ["mainnet", "all"];

/** When a chain begins, in Unix seconds, and in which slot. */
export const START = 1_790_000_000n;
export const START_SLOT = 1_000n;

export interface Landed {
  compute_units: bigint;
  /** What the last program returned. */
  return_data: Uint8Array;
}

/** The chain in this process: the machine of a real validator, with a clock that stands still until it is moved. */
export interface Chain {
  svm: LiteSVM;
  /** Pays the fee of transactions that name nobody else. */
  fee_payer: KeyPairSigner;
  /** Throws with the logs when the transaction fails. */
  send(instructions: readonly Instruction[], feePayer?: KeyPairSigner): Promise<Landed>;
  /** The error of a transaction that must fail: see `readFailure`. Throws when it does not. */
  failureOf(instructions: readonly Instruction[], feePayer?: KeyPairSigner): Promise<string>;
  /** Moves the clock, and on to the next slot. */
  pass(seconds: bigint): void;
  now(): bigint;
}

export async function createChain(features: Features): Promise<Chain> {
  const svm = features === "all" ? createForward() : new LiteSVM();
  const fee_payer = await generateKeyPairSigner();
  svm.airdrop(fee_payer.address, lamports(1_000_000_000_000n));
  const clock = svm.getClock();
  clock.unixTimestamp = START;
  clock.slot = START_SLOT;
  svm.setClock(clock);

  async function attempt(instructions: readonly Instruction[], payer = fee_payer) {
    const message = pipe(
      createTransactionMessage({ version: 0 }),
      (empty) => setTransactionMessageFeePayerSigner(payer, empty),
      (paid) => svm.setTransactionMessageLifetimeUsingLatestBlockhash(paid),
      (alive) => appendTransactionMessageInstructions(instructions, alive),
    );
    const result = svm.sendTransaction(await signTransactionMessageWithSigners(message));
    svm.expireBlockhash();
    return result;
  }

  return {
    svm,
    fee_payer,
    async send(instructions, feePayer) {
      const result = await attempt(instructions, feePayer);
      if (!(result instanceof FailedTransactionMetadata)) {
        return {
          compute_units: result.computeUnitsConsumed(),
          return_data: result.returnData().data(),
        };
      }
      throw new Error(`${result.err().toString()}\n${result.meta().logs().join("\n")}`);
    },
    async failureOf(instructions, feePayer) {
      const result = await attempt(instructions, feePayer);
      if (!(result instanceof FailedTransactionMetadata)) throw new Error("the transaction landed");
      return readFailure(result.meta().logs()) ?? result.err().toString();
    },
    pass(seconds) {
      const clock = svm.getClock();
      clock.unixTimestamp += seconds;
      clock.slot += 1n;
      svm.setClock(clock);
    },
    now: () => svm.getClock().unixTimestamp,
  };
}

const createForward = (): LiteSVM =>
  LiteSVM.default()
    .withFeatureSet(FeatureSet.allEnabled())
    .withBuiltins()
    .withLamports(10n ** 18n)
    .withSysvars()
    .withPrecompiles()
    .withDefaultPrograms()
    .withSigverify(true)
    .withBlockhashCheck(true);

/** Programs whose failures have other numbers than ours. */
const FOREIGN = new Map<string, string>([
  [PROGRAMS.token, "token"],
  [PROGRAMS.associated_token, "associated token"],
  [PROGRAMS.system, "system"],
]);

/**
 * What failed first: the name of the escrow program's error, or another program's name with what it said. Null when no
 * program failed.
 */
function readFailure(logs: readonly string[]): EscrowErrorName | string | null {
  for (const line of logs) {
    const [, program, said] = /^Program (\w+) failed: (.*)$/.exec(line) ?? [];
    if (program === undefined || said === undefined) continue;
    const foreign = FOREIGN.get(program);
    const code = /^custom program error: (0x[0-9a-f]+)$/.exec(said)?.[1];
    const name = foreign === undefined && code !== undefined ? nameError(Number(code)) : null;
    return name ?? (foreign === undefined ? said : `${foreign}: ${said}`);
  }
  return null;
}

/** A new key pair with lamports. */
export async function createActor({ svm }: Chain): Promise<KeyPairSigner> {
  const actor = await generateKeyPairSigner();
  svm.airdrop(actor.address, lamports(10_000_000_000n));
  return actor;
}

/** Lamports at an address; 0 where there is no account. */
export const lamportsOf = ({ svm }: Chain, address: Address): bigint => svm.getBalance(address) ?? 0n;
