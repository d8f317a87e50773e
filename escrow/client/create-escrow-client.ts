import { advanceBroadcast, type Broadcaster, settleBroadcast } from "./broadcast/broadcast.ts";
import type { EscrowClient } from "./escrow-client.ts";
import { createEscrowReader } from "./escrow-reader.ts";
import { type EscrowSettings, parseSettings } from "./escrow-settings.ts";
import { readLifetime } from "./payment/read-lifetime.ts";
import { prepareBondDeposit, prepareBondExit, prepareBondExitRequest } from "./prepare/prepare-bond.ts";
import { prepareOpen } from "./prepare/prepare-open.ts";
import { prepareRefund } from "./prepare/prepare-refund.ts";
import { prepareRelease } from "./prepare/prepare-release.ts";
import { prepareSlash } from "./prepare/prepare-slash.ts";
import { prepareTopUp } from "./prepare/prepare-top-up.ts";
import type { Preparation } from "./prepare/prepare-transaction.ts";
import { createEndpoint } from "./rpc/endpoint.ts";
import { createEndpointPool } from "./rpc/endpoint-pool.ts";

/** The world as the client meets it. */
export interface EscrowClientWorld {
  fetch(url: string, init: RequestInit): Promise<Response>;
  sleep(ms: number): Promise<void>;
  now_ms(): number;
  /** From 0 to 1. */
  random(): number;
}

const WORLD: EscrowClientWorld = {
  fetch: (url, init) => fetch(url, init),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  now_ms: () => Date.now(),
  random: () => Math.random(),
};

/**
 * A client of the escrow program on one cluster. Asks nobody until it is used. Throws settings_invalid and
 * mainnet_refused.
 */
export function createEscrowClient(settings: EscrowSettings, world: EscrowClientWorld = WORLD): EscrowClient {
  const parsed = parseSettings(settings);
  const { program, cross_check } = parsed;
  const { fetch, ...rest } = world;
  const endpoints = parsed.endpoints.map((url, i) =>
    createEndpoint({
      url,
      name: `endpoint ${i + 1} of ${parsed.endpoints.length}`,
      genesis_hash: parsed.genesis_hash,
      timeout_ms: parsed.request_timeout_ms,
      fetch,
    }),
  );
  const pool = createEndpointPool({ endpoints, rounds_max: parsed.rounds_max, ...rest });
  const reader = createEscrowReader({ pool, program, cross_check, ...rest });
  const by: Preparation = { pool, program, reader, unit_price_max: parsed.unit_price_max };
  const broadcaster: Broadcaster = { pool, program, cross_check, ...rest };
  return {
    program,
    ...reader,
    prepareOpen: (terms, fees) => prepareOpen(by, terms, fees),
    prepareTopUp: (terms, fees) => prepareTopUp(by, terms, fees),
    prepareRelease: (terms, fees) => prepareRelease(by, terms, fees),
    prepareRefund: (terms, fees) => prepareRefund(by, terms, fees),
    prepareBondDeposit: (terms, fees) => prepareBondDeposit(by, terms, fees),
    prepareBondExitRequest: (terms, fees) => prepareBondExitRequest(by, terms, fees),
    prepareBondExit: (terms, fees) => prepareBondExit(by, terms, fees),
    prepareSlash: (terms, fees) => prepareSlash(by, terms, fees),
    readLifetime: (blockhash) => readLifetime(pool, blockhash),
    advance: (transaction) => advanceBroadcast(broadcaster, transaction),
    settle: (transaction, wait) => settleBroadcast(broadcaster, transaction, wait),
  };
}
