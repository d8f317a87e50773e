import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BINARY_TYPE } from "@infernet/schemas/binary";
import { Epoch } from "@infernet/schemas/epoch";
import type { JobId } from "@infernet/schemas/ids";
import { z } from "zod";
import type { ApiClient } from "../network/api-client.ts";
import { until } from "../network/until.ts";
import type { DemoReport } from "./demo-report.ts";

const RUNNER = fileURLToPath(import.meta.resolve("infernet-runner/main"));
/** Stays when everything else of the demo is gone. */
const FOLDER = ".state/demo";

const Used = z.object({ receipt: z.object({ epochs: z.array(z.object({ epoch: z.int() })) }) });

/**
 * Fetches the job's receipt, its result and the seeds of its draws, as soon as they are published, into files, and has
 * `infernet-runner verify` check them without any network.
 */
export async function checkReceipt(client: ApiClient, job: JobId): Promise<DemoReport["receipt"]> {
  mkdirSync(FOLDER, { recursive: true });
  const file = join(FOLDER, "receipt.json");
  const receipt = await client.getReceipt(job);
  writeFileSync(file, receipt);
  const result = await client.fetch("GET", `/jobs/${job}/result`, { headers: { Accept: BINARY_TYPE } });
  writeFileSync(join(FOLDER, "result.cbor"), new Uint8Array(await result.arrayBuffer()));
  const { epochs } = Used.parse(JSON.parse(receipt)).receipt;
  const published = await Promise.all(
    epochs.map(({ epoch }) => until("the seeds of the draws", () => ended(client, epoch))),
  );
  writeFileSync(join(FOLDER, "epochs.json"), JSON.stringify(published));
  const { status, stdout, stderr } = spawnSync(process.execPath, [RUNNER, ...VERIFY], { encoding: "utf8" });
  return { file, verified: status === 0, said: status === 0 ? stdout : `${stdout}${stderr}` };
}

/** What a person would type after `npx infernet-runner`. */
export const VERIFY = [
  "verify",
  join(FOLDER, "receipt.json"),
  "--result",
  join(FOLDER, "result.cbor"),
  "--epochs",
  join(FOLDER, "epochs.json"),
] as const;

async function ended(client: ApiClient, epoch: number): Promise<Epoch | null> {
  const { body } = await client.send("GET", `/epochs/${epoch}`);
  const known = Epoch.parse(body);
  return known.seed === null ? null : known;
}
