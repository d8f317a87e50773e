import { uploadTinyModel } from "../../live/tiny-job.ts";
import { createAccount } from "../../network/account.ts";
import type { ApiClient } from "../../network/api-client.ts";
import type { EdgeProcess } from "../../network/edge-process.ts";
import type { BenchContext } from "../bench-part.ts";
import { startNoOpRunner } from "../no-op-runner.ts";
import { warmPartitions } from "../warm-partitions.ts";

export const LOAD = {
  runners: 8,
  leases_max: 16,
  /** One may send 100 requests a second. */
  accounts: 16,
} as const;

/** Everything that jobs need to be done as fast as the control plane can: accounts, and runners that answer at once. */
export async function prepareLoad(
  edge: EdgeProcess,
  { cleanup }: Pick<BenchContext, "cleanup">,
): Promise<ApiClient[]> {
  const owner = await createAccount(edge, "bench");
  await uploadTinyModel(owner);
  const clients = await Promise.all(
    Array.from({ length: LOAD.accounts }, (_, n) => createAccount(edge, `bench ${n}`)),
  );
  const stopping = new AbortController();
  cleanup.add(() => stopping.abort());
  for (let n = 0; n < LOAD.runners; n += 1)
    await startNoOpRunner({
      edgeUrl: edge.url,
      leases_max: LOAD.leases_max,
      signal: stopping.signal,
    });
  await warmPartitions(owner);
  return clients;
}
