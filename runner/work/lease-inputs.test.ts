import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Sha256 } from "@infernet/schemas/digest";
import type { Lease } from "@infernet/schemas/runner";
import { expect, it } from "vitest";
import type { BlobSharing } from "../cache/peer-blobs.ts";
import { loadLeaseInputs } from "./lease-inputs.ts";

const NEVER = new AbortController().signal;
const blob = Sha256.parse("ab".repeat(32));
const input = { name: "x", datatype: "UINT8" as const, shape: [10, 2], blob };
const rows = [{ start: 0, count: 10 }];

/** What the cache was told that peers may have of the input. */
async function sharingOf(lease: Partial<Lease>): Promise<BlobSharing | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "infernet-inputs-"));
  const path = join(folder, blob);
  await writeFile(path, new Uint8Array(20));
  let told: BlobSharing | undefined;
  const cache = {
    bytes: 0,
    withBlob: async <T>(
      _: Sha256,
      __: AbortSignal,
      use: (file: { path: string; bytes: number }) => Promise<T>,
      sharing?: BlobSharing,
    ): Promise<T> => {
      told = sharing;
      return use({ path, bytes: 20 });
    },
  };
  await loadLeaseInputs({ rows, inputs: [input], ...lease }, cache, NEVER);
  await rm(folder, { recursive: true });
  return told;
}

it("shares a job's inputs with peers only when the job says so, and never those of a sealed job", async () => {
  const sealing = {} as NonNullable<Lease["sealing"]>;
  expect(await sharingOf({})).toBeUndefined();
  expect(await sharingOf({ share_inputs: true })).toEqual({ bytes: 20 });
  expect(await sharingOf({ share_inputs: true, sealing })).toBeUndefined();
});
