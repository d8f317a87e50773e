import type { PeerNode } from "../node/peer-node.ts";
import { PROTOCOLS } from "../protocols.ts";
import { DirectDesk, type DirectDeskDeps } from "./direct-desk.ts";
import { serveVisitor } from "./serve-visitor.ts";

/** Takes direct jobs of peers, as the policy allows. Rejects with RunnerError `home_unusable`. */
export async function serveDirectJobs(
  node: PeerNode,
  deps: DirectDeskDeps,
): Promise<{ stop(): Promise<void> }> {
  const desk = await DirectDesk.open(deps);
  await node.serve(PROTOCOLS.job, (stream, from) => serveVisitor(desk, stream, from));
  return { stop: () => node.libp2p.unhandle(PROTOCOLS.job) };
}
