import type { BlobStore } from "./blob-store.ts";
import { DiskBlobStore } from "./disk-blob-store.ts";
import { R2BlobStore } from "./r2-blob-store.ts";

/** The disk service where the edge hosts itself (R2's local simulator is 12 times slower), else R2. */
export const createBlobStore = (env: Env): BlobStore =>
  env.DISK ? new DiskBlobStore(env.DISK) : new R2BlobStore(env.BLOBS);
