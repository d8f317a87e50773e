import type { Bytes, Sha256 } from "@infernet/schemas/digest";
import { InfernetError } from "@infernet/schemas/errors";
import type { BlobStore } from "./blob-store.ts";

/** A whole blob in memory. Throws `not_found`. */
export async function readBlob(store: BlobStore, sha256: Sha256): Promise<Bytes> {
  const blob = await store.get(sha256);
  if (!blob) throw new InfernetError("not_found", `There is no blob ${sha256}.`);
  return new Uint8Array(await new Response(blob.body).arrayBuffer());
}
