import {
  AccountRole,
  type Address,
  address,
  appendTransactionMessageInstructions,
  blockhash,
  createTransactionMessage,
  getTransactionEncoder,
  type Instruction,
  type KeyPairSigner,
  lamports,
  pipe,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
} from "@solana/kit";
import type { Chain } from "./chain.ts";
import type { TransactionRecord } from "./transaction-record.ts";
import { readWireTransaction } from "./wire-transaction.ts";

const SYSTEM_PROGRAM = address("11111111111111111111111111111111");
const SYSTEM_TRANSFER = 2;
/** 9 million SOL: near the largest number that a JSON client reads exactly. */
const FAUCET_LAMPORTS = lamports(9_000_000_000_000_000n);

/** Whoever gives test money away: a key with a lot of it, that owns the test mints too. Faults never meet it. */
export class Faucet {
  readonly signer: KeyPairSigner;
  readonly #chain: Chain;

  constructor(chain: Chain, signer: KeyPairSigner) {
    this.#chain = chain;
    this.signer = signer;
    chain.svm.setAccount({
      address: signer.address,
      lamports: FAUCET_LAMPORTS,
      programAddress: SYSTEM_PROGRAM,
      data: new Uint8Array(),
      executable: false,
      space: 0n,
    });
  }

  airdrop(to: Address, amount_lamports: bigint): Promise<TransactionRecord> {
    return this.run([transferInstruction(this.signer.address, to, amount_lamports)]);
  }

  /**
   * Executes instructions at once, in a transaction that the faucet signs and pays for.
   *
   * @throws Error when the transaction fails
   */
  async run(instructions: readonly Instruction[]): Promise<TransactionRecord> {
    const lifetime = this.#chain.blockhashes.issue(this.#chain.slot);
    const message = pipe(
      createTransactionMessage({ version: 0 }),
      (empty) => setTransactionMessageFeePayerSigner(this.signer, empty),
      (paid) =>
        setTransactionMessageLifetimeUsingBlockhash(
          { blockhash: blockhash(lifetime), lastValidBlockHeight: 0n },
          paid,
        ),
      (timed) => appendTransactionMessageInstructions(instructions, timed),
    );
    const signed = await signTransactionMessageWithSigners(message);
    const bytes = Uint8Array.from(getTransactionEncoder().encode(signed));
    this.#chain.advance();
    const record = this.#chain.execute(readWireTransaction(bytes));
    if (record?.error === null) return record;
    throw new Error(record?.meta.logs().at(-1) ?? "the faucet cannot pay");
  }
}

/** Transfer of the System program: u32 2, u64 lamports, little-endian. */
function transferInstruction(from: Address, to: Address, amount_lamports: bigint): Instruction {
  const data = Buffer.alloc(12);
  data.writeUInt32LE(SYSTEM_TRANSFER, 0);
  data.writeBigUInt64LE(amount_lamports, 4);
  return {
    programAddress: SYSTEM_PROGRAM,
    accounts: [
      { address: from, role: AccountRole.WRITABLE_SIGNER },
      { address: to, role: AccountRole.WRITABLE },
    ],
    data: Uint8Array.from(data),
  };
}
