import type { PayoutOrder, PayoutResult } from "@infernet/schemas/payout";
import { findIdentity } from "infernet-runner/identity/identity";
import { EdgeRefusal } from "infernet-runner/transport/edge-error";
import { createHttpEdgeClient } from "infernet-runner/transport/http-edge-client";
import type { EdgeProcess } from "../network/edge-process.ts";
import type { RunnerProcess } from "../network/runner-process.ts";
import { until } from "../network/until.ts";

/** One runner's pay, sent. */
export interface DemoPayment {
  name: string;
  micro: string;
  /** The transaction that sent it. */
  transaction: string;
}

/** The hold, and what it takes to send a payment, on a slow machine too. */
const WAIT_MS = 60_000;

/** Has every runner ask for what it has earned, as soon as that is held no longer, and waits until it is sent. */
export async function settleUp(
  { url }: Pick<EdgeProcess, "url">,
  runners: readonly RunnerProcess[],
): Promise<DemoPayment[]> {
  const payments = await Promise.all(runners.map((runner) => payRunner(url, runner)));
  return payments.flat();
}

async function payRunner(edge: string, { name, home }: RunnerProcess): Promise<DemoPayment[]> {
  const client = createHttpEdgeClient({ edge, identity: await findIdentity(home) });
  const { signal } = new AbortController();
  const withdraw = async (): Promise<PayoutOrder[] | null> => {
    const { sums } = await client.getEarnings({ limit: 1 }, signal);
    if (sums.some(({ held_micro }) => held_micro !== "0")) return null;
    return client.withdraw(signal).catch((error: unknown) => {
      if (error instanceof EdgeRefusal && error.code === "payout_too_small") return [];
      throw error;
    });
  };
  const orders = await until(`what ${name} has earned`, withdraw, WAIT_MS);
  return Promise.all(
    orders.map(async ({ id, micro }) => {
      const find = async (): Promise<PayoutResult | null> => {
        const { data } = await client.listPayouts({ limit: 10 }, signal);
        return data.find(({ order }) => order.id === id)?.result ?? null;
      };
      const { state, reference, detail } = await until(`the payout ${id} of ${name}`, find, WAIT_MS);
      if (state !== "paid" || reference === null) throw new Error(`${name} was not paid: ${detail}`);
      return { name, micro, transaction: reference };
    }),
  );
}
