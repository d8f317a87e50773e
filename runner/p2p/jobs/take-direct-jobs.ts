import { join } from "node:path";
import type { PeerRecord } from "@infernet/schemas/peer/peer-record";
import type { PeerDeps } from "../join/peer-deps.ts";
import type { PeerService } from "../join/serve-peers.ts";
import type { PeerNode } from "../node/peer-node.ts";
import type { DirectSettings } from "./direct-settings.ts";
import { serveDirectJobs } from "./serve-direct-jobs.ts";
import type { VoucherDesk } from "./voucher-desk.ts";

/** What is kept of direct jobs, in a runner's home. */
const directFolder = (home: string): string => join(home, "direct");

export interface DirectJobs extends PeerService {
  /** What this machine's record says of it. */
  readonly announced: NonNullable<PeerRecord["direct"]>;
}

/** Takes direct jobs into this runner's own engines, as its owner has said. */
export async function takeDirectJobs(
  node: PeerNode,
  deps: PeerDeps,
  { payment, allow, chain }: DirectSettings,
): Promise<DirectJobs> {
  const { identity, home, pool, store, registration, log } = deps;
  const micro_per_core_hour = registration().capability.asking_micro_per_core_hour ?? "0";
  let isDraining = false;
  const { stop } = await serveDirectJobs(node, {
    identity,
    pool,
    now: Date.now,
    dir: directFolder(home),
    policy: { payments: [payment], allow: allow.length === 0 ? null : allow },
    micro_per_core_hour: BigInt(micro_per_core_hour),
    availability: () => (isDraining ? "paused" : deps.availability()),
    manifestOf: (model) => store.manifestOf(model),
    vouchers: payment === "voucher" ? await openVouchers(deps, { payment, allow, chain }) : null,
    onDone: ({ offer, execution_class, compute_ms, price_micro, paid }) => {
      const { client, model, rows } = offer;
      const { kind } = paid;
      log({
        event: "direct.done",
        client,
        model,
        rows,
        execution_class,
        compute_ms,
        price_micro,
        payment: kind,
      });
    },
  });
  if (payment === "voucher" && micro_per_core_hour === "0")
    log({
      event: "warning",
      detail: "direct jobs cost nothing: set price.asking to what an hour of a core is to pay",
    });
  return {
    announced: { payments: [payment], micro_per_core_hour: payment === "free" ? "0" : micro_per_core_hour },
    drain: () => {
      isDraining = true;
    },
    stop,
  };
}

async function openVouchers({ home, identity }: PeerDeps, { chain }: DirectSettings): Promise<VoucherDesk> {
  if (chain === null)
    throw new Error("direct.payment is voucher: set endpoints, genesis_hash, program and mint in [escrow]");
  const { openEscrows } = await import("./payment/open-escrows.ts");
  const { createEscrowDesk } = await import("./payment/escrow-desk.ts");
  const { VoucherBook } = await import("./payment/voucher-book.ts");
  return createEscrowDesk({
    reader: await openEscrows(chain),
    provider: identity.id,
    mint: chain.mint,
    book: await VoucherBook.open(join(directFolder(home), "vouchers")),
    now: Date.now,
  });
}
