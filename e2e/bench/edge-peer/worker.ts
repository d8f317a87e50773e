import "./polyfills.ts";
import { LIMITS } from "@infernet/schemas/limits";
import { DiscoveryLabel } from "@infernet/schemas/peer/discovery-label";
import { identify } from "@libp2p/identify";
import type { Libp2p } from "@libp2p/interface";
import { type KadDHT, kadDHT, passthroughMapper } from "@libp2p/kad-dht";
import { noise } from "@libp2p/noise";
import { type Ping, ping } from "@libp2p/ping";
import { webSockets } from "@libp2p/websockets";
import { yamux } from "@libp2p/yamux";
import { multiaddr } from "@multiformats/multiaddr";
import { labelCid } from "infernet-runner/p2p/discovery/label-cid";
import { recordSelector, recordValidator } from "infernet-runner/p2p/discovery/record-rules";
import { PROTOCOLS } from "infernet-runner/p2p/protocols";
import { createLibp2p } from "libp2p";
import { z } from "zod";

type Node = Libp2p<{ dht: KadDHT; ping: Ping }>;

const Step = z.discriminatedUnion("step", [
  z.strictObject({ step: z.literal("create") }),
  z.strictObject({ step: z.literal("dial"), address: z.string() }),
  z.strictObject({ step: z.literal("get"), key: z.string() }),
  z.strictObject({ step: z.literal("find"), label: DiscoveryLabel }),
  z.strictObject({ step: z.literal("state") }),
  z.strictObject({ step: z.literal("stop") }),
]);

const ANSWER_MS_MAX = 20_000;

/** A Durable Object that is a client of the network of peers, over WebSockets: what the bench measures. Each request is one step. */
export class EdgePeer {
  readonly #instance = crypto.randomUUID();
  #node: Node | null = null;

  async fetch(request: Request): Promise<Response> {
    try {
      const done = await this.#take(Step.parse(await request.json()));
      return Response.json({ instance: this.#instance, ...done });
    } catch (error) {
      return Response.json(
        { error: error instanceof Error ? error.message : String(error) },
        { status: 500 },
      );
    }
  }

  async #take(step: z.infer<typeof Step>): Promise<object> {
    const signal = AbortSignal.timeout(ANSWER_MS_MAX);
    switch (step.step) {
      case "create":
        this.#node = await createNode();
        return {};
      case "dial":
        await this.#open.dial(multiaddr(step.address), { signal });
        return {};
      case "get": {
        const value = await this.#open.contentRouting.get(new TextEncoder().encode(step.key), { signal });
        return { bytes: value.length };
      }
      case "find": {
        const found = new Set<string>();
        for await (const { id } of this.#open.contentRouting.findProviders(await labelCid(step.label), {
          signal,
        }))
          found.add(id.toString());
        return { found: found.size };
      }
      case "state":
        return { connections: this.#node?.getConnections().length ?? 0 };
      case "stop":
        await this.#node?.stop();
        this.#node = null;
        return {};
      default:
        return step satisfies never;
    }
  }

  get #open(): Node {
    if (this.#node === null) throw new Error("no node here: this object has begun anew");
    return this.#node;
  }
}

const createNode = (): Promise<Node> =>
  createLibp2p({
    transports: [webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: { denyDialMultiaddr: () => false },
    services: {
      identify: identify(),
      ping: ping(),
      dht: kadDHT({
        protocol: PROTOCOLS.kad,
        clientMode: true,
        peerInfoMapper: passthroughMapper,
        kBucketSize: LIMITS.dht_bucket_peers,
        alpha: LIMITS.dht_parallel,
        initialQuerySelfInterval: 100,
        validators: { "infernet-peer": recordValidator(Date.now) },
        selectors: { "infernet-peer": recordSelector },
      }),
    },
  });

interface Env {
  PEER: {
    idFromName(name: string): unknown;
    get(id: unknown): { fetch(request: Request): Promise<Response> };
  };
}

export default {
  fetch: (request: Request, env: Env): Promise<Response> =>
    env.PEER.get(env.PEER.idFromName("peer")).fetch(request),
};
