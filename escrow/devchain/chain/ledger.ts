import type { TransactionRecord } from "./transaction-record.ts";

/** Every transaction since the start, in the order of execution. */
export class Ledger {
  readonly #bySignature = new Map<string, TransactionRecord>();
  readonly #byAddress = new Map<string, TransactionRecord[]>();

  get size(): number {
    return this.#bySignature.size;
  }

  add(record: TransactionRecord): void {
    this.#bySignature.set(record.wire.signature, record);
    for (const address of record.wire.keys) {
      const records = this.#byAddress.get(address);
      if (records) records.push(record);
      else this.#byAddress.set(address, [record]);
    }
  }

  get(signature: string): TransactionRecord | undefined {
    return this.#bySignature.get(signature);
  }

  /** Those that name the address, newest first. */
  ofAddress(address: string): TransactionRecord[] {
    return (this.#byAddress.get(address) ?? []).toReversed();
  }
}
