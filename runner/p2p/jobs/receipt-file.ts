import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { SignedDirectReceipt } from "@infernet/schemas/peer/direct-receipt";

/** Receipts of a folder, a file for each day (UTC), one JSON object a line: what `infernet-runner verify` reads. */
export interface ReceiptFile {
  add(signed: SignedDirectReceipt): Promise<void>;
}

export async function openReceiptFile(dir: string): Promise<ReceiptFile> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  return {
    add: async (signed) => {
      const day = new Date(signed.receipt.finished_ms).toISOString().slice(0, 10);
      await appendFile(join(dir, `${day}.jsonl`), `${JSON.stringify(signed)}\n`, { mode: 0o600 });
    },
  };
}
