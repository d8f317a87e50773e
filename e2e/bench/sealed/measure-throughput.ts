import { openResult } from "@infernet/schemas/sealing/open-result";
import { sealJob } from "@infernet/schemas/sealing/seal-job";
import type { Tensor } from "@infernet/schemas/tensor";
import { encodeTensors } from "@infernet/schemas/tensors-binary";
import type { BenchContext } from "../bench-part.ts";
import { median } from "../quantile.ts";
import { openSealedJob } from "./open-sealed-job.ts";

const ROUNDS = 3;
/** Processor time of all threads of this process, which others on the machine hardly change. */
export function cpuSince_ms(started: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1_000;
}

const JOB_BYTES = 32 * 1024 * 1024;

/** Megabytes (10^6) of rows for a second of processor time, for rows of one size. */
export interface SealingRate {
  row_bytes: number;
  client_seal: number;
  runner_open: number;
  runner_seal: number;
  client_open: number;
}

/** Seals 32 MiB of rows as a client does, opens and seals them as a runner does, and opens the result as the client. */
export async function measureThroughput(
  context: Pick<BenchContext, "cleanup">,
  row_bytes: number,
): Promise<SealingRate> {
  const count = Math.max(4, Math.floor(JOB_BYTES / row_bytes));
  const data = new Uint8Array(count * row_bytes).map((_, n) => n % 251);
  const input: Tensor = { name: "x", datatype: "UINT8", shape: [count, row_bytes], data };
  const outputs = [{ name: "x", datatype: "UINT8" as const, shape: [null, row_bytes] }];
  const { key, model, sealed, unseal, lease } = await openSealedJob(context, input);
  const { encryption } = sealed.request;
  const rates: Omit<SealingRate, "row_bytes">[] = [];
  const clock = async <T>(work: () => Promise<T>): Promise<[number, T]> => {
    const started = process.cpuUsage();
    const done = await work();
    return [data.length / 1e3 / cpuSince_ms(started), done];
  };
  for (let round = 0; round < ROUNDS; round += 1) {
    const again = { model, inputs: [input], providers: [], client_key: key.public_key };
    const [client_seal] = await clock(() => sealJob(again));
    const whole = lease(0, count);
    const [runner_open, open] = await clock(() => unseal(whole.lease, whole.rows));
    const [runner_seal, handedIn] = await clock(() => open.seal(open.inputs, { outputs }));
    const result = encodeTensors(handedIn);
    const { sealing_id } = sealed;
    const [client_open] = await clock(() =>
      openResult({ sealing_id, model, encryption, key, result, outputs, rows: count }),
    );
    rates.push({ client_seal, runner_open, runner_seal, client_open });
  }
  const of = (name: keyof (typeof rates)[number]): number => median(rates.map((rate) => rate[name]));
  return {
    row_bytes,
    client_seal: of("client_seal"),
    runner_open: of("runner_open"),
    runner_seal: of("runner_seal"),
    client_open: of("client_open"),
  };
}
