import { join } from "node:path";
import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { PeerAddress } from "@infernet/schemas/peer/peer-record";
import type { SolanaAddress } from "@infernet/schemas/solana";
import { type Finder, openFinder } from "../find/open-finder.ts";
import { type Identity, loadClientIdentity } from "../identity/identity.ts";
import { openDiscovery } from "../p2p/discovery/open-discovery.ts";
import { callProvider } from "../p2p/jobs/call-provider.ts";
import type { ChainSettings } from "../p2p/jobs/direct-settings.ts";
import type { EscrowPayer } from "../p2p/jobs/payment/escrow-payer.ts";
import { PendingOffers } from "../p2p/jobs/pending-offers.ts";
import {
  askLine,
  type DirectOutcome,
  type DirectRequest,
  type DirectStage,
  type DirectTarget,
  type RunDirectDeps,
  runDirect,
} from "../p2p/jobs/run-direct.ts";
import { createPeerNode } from "../p2p/node/create-peer-node.ts";
import { surviveLibraryFaults } from "../p2p/node/library-faults.ts";
import { RunnerError } from "../runner-error.ts";
import { createHttpEdgeClient } from "../transport/http-edge-client.ts";
import { findModel, type ModelFound } from "./find-model.ts";

export interface DirectClientOptions {
  /** Folder of this client's key, its offers and its receipts. */
  home: string;
  /** Knows models by name, and peers to begin with; null: none is asked. */
  edge: string | null;
  /** Peers to begin with, besides. */
  bootstrap: readonly PeerAddress[];
  /** Whether peers of the local network are looked for. */
  isLocal: boolean;
  /** The one provider that is asked; null: those that are found. */
  target: DirectTarget | null;
  /** An escrow of this client's own, which its jobs are paid from; null: they are to be free. */
  payment: { escrow: SolanaAddress; chain: ChainSettings } | null;
}

/** A client of direct jobs on this machine. What it has asked one named provider stays open for the next job. */
export interface DirectClient {
  /** What providers know it by. */
  readonly id: RunnerId;
  modelOf(ref: string, signal: AbortSignal): Promise<ModelFound>;
  /** Rejects as `runDirect` does. */
  run(
    request: Omit<DirectRequest, "target">,
    signal: AbortSignal,
    onStage?: (stage: DirectStage) => void,
  ): Promise<DirectOutcome>;
  close(): Promise<void>;
}

/** Throws RunnerError where nobody is named to begin with or answers, or the edge cannot be asked, and `EscrowError`. */
export async function openDirectClient(options: DirectClientOptions): Promise<DirectClient> {
  const { home } = options;
  const identity = await loadClientIdentity(home);
  const dir = join(home, "direct", "asked");
  const edge =
    options.edge === null
      ? null
      : { url: options.edge, client: createHttpEdgeClient({ edge: options.edge, identity }) };
  await new PendingOffers(join(dir, "pending"), Date.now).forgetOld();
  const payer = await openPayer(options, identity, dir);
  const target = payer === null ? options.target : targetOf(options.target, payer);
  const { node, find, close } = await openWay(options, identity, target);
  const line = target === null ? null : callProvider(node, { identity, ...target, payer });
  return {
    id: identity.id,
    modelOf: (ref, signal) => findModel(ref, edge, signal),
    run: (request, signal, onStage) => {
      if (line !== null) {
        onStage?.({ at: "asking", provider: line.provider });
        return askLine({ dir, now: Date.now }, line, request, signal);
      }
      const payment = payer?.terms.kind ?? "free";
      const findOf: RunDirectDeps["find"] = (model, ended) =>
        find({ model, service: "job", payment }, { signal: ended });
      const deps = { node, identity, dir, payer, now: Date.now, find: findOf };
      return runDirect(deps, { ...request, target }, signal, onStage);
    },
    close: async () => {
      await line?.close();
      await close();
    },
  };
}

/** A node that has a way to the provider: straight to its address where that is known, else by the network of peers. */
async function openWay(
  { edge, bootstrap, isLocal }: DirectClientOptions,
  identity: Identity,
  target: DirectTarget | null,
): Promise<Finder> {
  const signal = AbortSignal.timeout(LIMITS.runner_request_timeout_ms);
  const addresses = target?.addresses ?? [];
  if (addresses.length === 0) return openFinder({ edge, bootstrap, isLocal, signal, identity });
  const giveUpSurviving = surviveLibraryFaults(() => undefined);
  const node = await createPeerNode({ identity, listen: [], bootstrap: [...bootstrap, ...addresses] });
  const { find } = await openDiscovery(node);
  return { node, find, close: () => node.stop().finally(giveUpSurviving) };
}

async function openPayer(
  { payment }: DirectClientOptions,
  identity: Identity,
  dir: string,
): Promise<EscrowPayer | null> {
  if (payment === null) return null;
  const { openEscrows } = await import("../p2p/jobs/payment/open-escrows.ts");
  const { openEscrowPayer } = await import("../p2p/jobs/payment/escrow-payer.ts");
  const reader = await openEscrows(payment.chain);
  return openEscrowPayer({ reader, escrow: payment.escrow, identity, dir: join(dir, "escrows") });
}

/** An escrow names the one who can be paid from it: nobody else is asked. */
function targetOf(named: DirectTarget | null, { provider }: EscrowPayer): DirectTarget {
  if (named === null) return { provider, addresses: [] };
  if (named.provider === provider) return named;
  throw new RunnerError(
    "provider_refused",
    `the escrow pays ${provider} and nobody else; the provider that is named is ${named.provider}`,
  );
}
