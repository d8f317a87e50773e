import { Job } from "@infernet/schemas/job";
import { rowsIn } from "@infernet/schemas/runner";
import type { Tensor } from "@infernet/schemas/tensor";
import { EdgeRefusal } from "infernet-runner/transport/edge-error";
import { TINY_SHAPE } from "../fixtures/onnx-model.ts";
import { tinyJob } from "../live/tiny-job.ts";
import type { HandRunner } from "../network/hand-runner.ts";
import { until } from "../network/until.ts";
import type { SettlementNetwork } from "./settlement-network.ts";

const ROWS = 4;
const PATIENCE_MS = 60_000;

/** One machine works one job and asks for its pay. Whatever fails because the edge was killed is tried again. */
export async function workAndWithdraw(network: SettlementNetwork, n: number): Promise<void> {
  const { client, escrow, jobs, machines } = network;
  const { runner } = machines[n % machines.length] ?? raise("there are no machines");
  const wanted = tinyJob(ROWS, { payment: { unit: "usdc:solana", escrow } });
  const key = { "Idempotency-Key": `settlement-${n}` };
  const job = await again(`job ${n}`, async () => {
    const { status, body } = await client.send("POST", "/jobs", wanted, key);
    return status < 300 ? Job.parse(body) : null;
  });
  jobs.push(job.id);
  await again(`the work on ${job.id}`, async () => {
    const { state } = await client.getJob(job.id);
    if (state === "succeeded") return true;
    const lease = await runner.lease(job.id);
    await runner.edge.submit({ results: [runner.done(lease, [outputs(rowsIn(lease.rows))])] }, runner.signal);
    return null;
  });
  await withdraw(runner);
}

/** Asks for everybody's pay until there is nothing left that is held, payable or on its way. */
export async function finishPayouts({ machines }: SettlementNetwork): Promise<void> {
  for (const { runner } of machines)
    await again(`the pay of ${runner.id}`, async () => {
      await withdraw(runner);
      const { sums } = await runner.edge.getEarnings({ limit: 1 }, runner.signal);
      const isOpen = sums.some(
        ({ held_micro, payable_micro, ordered_micro }) =>
          held_micro !== "0" || payable_micro !== "0" || ordered_micro !== "0",
      );
      return isOpen ? null : true;
    });
}

async function withdraw({ edge, signal }: HandRunner): Promise<void> {
  await edge.withdraw(signal).catch((error: unknown) => {
    // Nothing to be sent yet, or nobody there: whoever waits asks again.
    if (error instanceof EdgeRefusal && error.code !== "payout_too_small" && !error.isPassing) throw error;
  });
}

/** A refused connection says nothing but that the edge is away. */
const again = <T>(what: string, ask: () => Promise<T | null>): Promise<T> =>
  until(what, () => ask().catch(() => null), PATIENCE_MS);

function outputs(rows: number): Tensor {
  const data = new Uint8Array(new Float32Array(rows * TINY_SHAPE.outputs).buffer);
  return { name: "y", datatype: "FP32", shape: [rows, TINY_SHAPE.outputs], data };
}

function raise(message: string): never {
  throw new Error(message);
}
