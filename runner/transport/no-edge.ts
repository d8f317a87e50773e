import type { Identity } from "../identity/identity.ts";
import type { EdgeClient } from "./edge-client.ts";
import { EdgeRefusal } from "./edge-error.ts";
import { createHttpEdgeClient } from "./http-edge-client.ts";

/** Stands where a machine works for peers' aggregators alone: whatever is asked of its edge is refused at once. */
export function connectNoEdge(identity: Identity): EdgeClient {
  const refuse = (): Promise<never> => Promise.reject(new EdgeRefusal("no edge is set", 404, null));
  return createHttpEdgeClient({ edge: "none://edge", identity, fetch: refuse });
}
