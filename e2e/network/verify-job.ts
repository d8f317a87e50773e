import { BINARY_TYPE } from "@infernet/schemas/binary";
import { Epoch } from "@infernet/schemas/epoch";
import type { JobId } from "@infernet/schemas/ids";
import { verifyTexts } from "infernet-runner/verify/verify-texts";
import type { ApiClient } from "./api-client.ts";
import { until } from "./until.ts";

/** What the receipt of a job proves, with its result and the seeds of its draws, once they are published. */
export async function verifyJob(client: ApiClient, id: JobId): Promise<string> {
  const receipt = await client.getReceipt(id);
  const result = await client.fetch("GET", `/jobs/${id}/result`, { headers: { Accept: BINARY_TYPE } });
  const { epochs } = JSON.parse(receipt).receipt as { epochs: { epoch: number }[] };
  const published = await Promise.all(
    epochs.map(({ epoch }) =>
      until("the seeds of the draws", async () => {
        const known = Epoch.parse((await client.send("GET", `/epochs/${epoch}`)).body);
        return known.seed === null ? null : known;
      }),
    ),
  );
  const { report } = await verifyTexts({
    receipt,
    result: new Uint8Array(await result.arrayBuffer()),
    epochs: JSON.stringify(published),
  });
  return report.verdict;
}
