import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

/** Where `npm run build` lays the Worker out; `npm run bench` runs it first. */
const DIST = fileURLToPath(new URL("../../../dist", import.meta.url));
const ENTRY = "index.js";
/** Beside what is uploaded. */
const NOT_UPLOADED = [".map", ".md"];

/**
 * Bytes that a Worker may have. Since 2026-09-04 the platform counts them uncompressed, on every plan
 * (developers.cloudflare.com/workers/platform/limits); until then it counted them compressed, by plan.
 */
export const WORKER_LIMITS = { bytes: 64 * 2 ** 20, former_free_gzip: 3e6, former_paid_gzip: 10e6 } as const;

interface Size {
  bytes: number;
  gzip_bytes: number;
}

export interface WorkerSize {
  /** The code, with everything it imports. */
  script: Size;
  /** With the modules beside it: the API reference's renderer and the migrations. */
  upload: Size;
}

export function measureWorker(): WorkerSize {
  const uploaded = readdirSync(DIST).filter((name) => !NOT_UPLOADED.includes(extname(name)));
  const sizes = uploaded.map((name) => sizeOf(readFileSync(join(DIST, name))));
  const sum = (what: keyof Size): number => sizes.reduce((total, size) => total + size[what], 0);
  return {
    script: sizeOf(readFileSync(join(DIST, ENTRY))),
    upload: { bytes: sum("bytes"), gzip_bytes: sum("gzip_bytes") },
  };
}

const sizeOf = (bytes: Buffer): Size => ({ bytes: bytes.length, gzip_bytes: gzipSync(bytes).length });
