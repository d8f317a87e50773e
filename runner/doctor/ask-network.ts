import { Network } from "@infernet/schemas/network";
import type { NetworkAnswer } from "./check.ts";

/** Asked so often: the first answer pays for the connection, the best of the others is the way there and back. */
const ASKED = 3;
const TIMEOUT_MS = 8_000;

/** What the edge says of itself, and how long that takes. */
export async function askNetwork(edge: string): Promise<NetworkAnswer> {
  let best: NetworkAnswer | null = null;
  for (let n = 0; n < ASKED; n++) {
    const answer = await askOnce(edge);
    if (answer.kind !== "network") return answer;
    if (best?.kind !== "network" || answer.latency_ms < best.latency_ms) best = answer;
  }
  return best ?? { kind: "none", detail: `${edge} was not asked` };
}

async function askOnce(edge: string): Promise<NetworkAnswer> {
  const url = `${edge.replace(/\/+$/, "")}/network`;
  const [sent_ms, started_ms] = [Date.now(), performance.now()];
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: "error" });
    const text = await response.text();
    const latency_ms = performance.now() - started_ms;
    const network = Network.loose().safeParse(parsed(text));
    if (!network.success)
      return {
        kind: "none",
        detail: `${url} answers ${response.status}, and does not look like an Infernet edge`,
      };
    // Its clock was read half-way.
    const offset_ms = network.data.now_ms - (sent_ms + latency_ms / 2);
    return { kind: "network", network: network.data, latency_ms, offset_ms };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return {
      kind: "none",
      detail: `${edge} does not answer: ${cause instanceof Error ? cause.message || cause.name : String(cause)}`,
    };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
