import { decodeBinary, encodeBinary } from "@infernet/schemas/binary";
import { NetworkId } from "@infernet/schemas/commitment";
import { Sha256 } from "@infernet/schemas/digest";
import type { RunnerId } from "@infernet/schemas/ids";
import { publicKeyOf } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { StreamUp } from "@infernet/schemas/llm/stream-message";
import { type InvitationTerms, signInvitation } from "@infernet/schemas/peer/invitation";
import type { LeaseInviteAnswer } from "@infernet/schemas/peer/lease-frame";
import { Heartbeat, PollRequest, RunnerRegistration, Submission } from "@infernet/schemas/runner";
import { createIdentity } from "../../identity/identity.ts";
import { EdgeRefusal } from "../../transport/edge-error.ts";
import { MemoryEdge } from "../../transport/memory-edge.ts";
import { inviteRunner } from "../leases/invite-runner.ts";
import { serveLeases } from "../leases/serve-leases.ts";
import type { PeerNode } from "../node/peer-node.ts";

const { signal: NEVER } = new AbortController();

/** A peer's aggregator of few answers: those of an edge in memory. */
export class TestAggregator {
  readonly edge = new MemoryEdge();
  readonly name: string;
  readonly #key = createIdentity();
  #terms: InvitationTerms = { pay: "free" };

  constructor(name: string) {
    this.name = name;
    this.edge.network = NetworkId.parse(
      `net_${Buffer.from(publicKeyOf(this.#key.id)).toString("base64url")}`,
    );
  }

  get network(): NetworkId {
    return this.edge.network;
  }

  invitation(node: PeerNode, runner: RunnerId) {
    const now_ms = Date.now();
    return signInvitation(
      {
        type: "infernet.invitation.v1",
        ...{ network: this.network, peer: node.id, runner, name: this.name, terms: this.#terms },
        ...{ addresses: node.addresses, issued_ms: now_ms, expires_ms: now_ms + 60_000 },
      },
      async (bytes) => this.#key.sign(bytes),
    );
  }

  /** Serves on this node, and invites whoever asks. */
  async serve(node: PeerNode): Promise<void> {
    await serveLeases(node, {
      runners_max: LIMITS.aggregate_runners_max,
      invite: (runner) => this.invitation(node, runner),
      handle: (request) => this.handle(request),
    });
  }

  async invite(node: PeerNode, runner: RunnerId): Promise<LeaseInviteAnswer> {
    return inviteRunner(node, runner, [], await this.invitation(node, runner));
  }

  async handle(request: Request): Promise<Response> {
    try {
      return await this.#answer(request);
    } catch (error) {
      if (!(error instanceof EdgeRefusal)) throw error;
      const { status, code, message: detail } = error;
      return Response.json({ code, detail, hint: "." }, { status });
    }
  }

  async #answer(request: Request): Promise<Response> {
    const { edge } = this;
    const { pathname } = new URL(request.url);
    const [, first, second = ""] = pathname.split("/");
    const none = new Response(null, { status: 204 });
    if (first === "blobs" && request.method === "PUT") {
      await edge.putBlob(Sha256.parse(second), new Uint8Array(await request.arrayBuffer()), NEVER);
      return none;
    }
    if (first === "blobs") {
      await edge.getBlob(Sha256.parse(second), NEVER);
      return new Response(edge.blobs.get(Sha256.parse(second)) ?? null);
    }
    if (first === "models")
      return Response.json({ manifest: await edge.getManifest(Sha256.parse(second), NEVER) });
    if (first === "network") return Response.json({ now_ms: await edge.getTime(NEVER) });
    if (first === "providers") return Response.json({ ban: await edge.getBan(NEVER) });
    switch (second) {
      case "register":
        return Response.json(await edge.register(RunnerRegistration.parse(await request.json()), NEVER));
      case "poll":
        return binary(await edge.poll(PollRequest.parse(await request.json()), request.signal));
      case "leave":
        await edge.leave(NEVER);
        return none;
      case "heartbeat":
        return Response.json(await edge.heartbeat(Heartbeat.parse(await request.json()), NEVER));
      case "challenge":
        return Response.json(await edge.challenge(NEVER));
      case "results":
        return Response.json(
          await edge.submit(Submission.parse(decoded(await request.arrayBuffer())), NEVER),
        );
      case "stream":
        return binary(await edge.postStream(StreamUp.parse(decoded(await request.arrayBuffer())), NEVER));
      default:
        throw new EdgeRefusal(`${pathname}: there is no such thing`, 404, "not_found");
    }
  }
}

const decoded = (bytes: ArrayBuffer): unknown => decodeBinary(new Uint8Array(bytes));
const binary = (value: unknown): Response =>
  new Response(encodeBinary(value), { headers: { "Content-Type": "application/cbor" } });
