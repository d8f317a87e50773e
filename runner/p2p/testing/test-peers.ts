import { createIdentity } from "../../identity/identity.ts";
import { createPeerNode, type PeerNodeOptions } from "../node/create-peer-node.ts";
import type { PeerNode } from "../node/peer-node.ts";

/** Real nodes on loopback, for one test: what it opens is stopped together at its end. */
export class TestPeers implements AsyncDisposable {
  readonly #nodes: PeerNode[] = [];

  /** A node that knows the ones before it, as far as nothing else is said. */
  async open(options: Partial<PeerNodeOptions> = {}): Promise<PeerNode> {
    const [first] = this.#nodes;
    const node = await createPeerNode({
      identity: createIdentity(),
      listen: ["/ip4/127.0.0.1/tcp/0"],
      bootstrap: first?.addresses ?? [],
      ...options,
    });
    this.#nodes.push(node);
    return node;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.stop()));
  }
}
