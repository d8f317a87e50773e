import type { Bytes, Sha256 } from "@infernet/schemas/digest";
import type { BlobStore } from "./blob-store.ts";

/** Stores bytes of our own making, whose digest is known to be theirs. Repeating it changes nothing. */
export async function storeBlob(store: BlobStore, sha256: Sha256, bytes: Bytes): Promise<void> {
  if (await store.head(sha256)) return;
  await store.put(sha256, new Blob([bytes]).stream(), bytes.byteLength);
}
