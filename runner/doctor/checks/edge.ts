import { type Check, type Finding, fail, type NetworkAnswer, pass, warn } from "../check.ts";

/** A way there and back that takes longer makes every shard wait. */
const LATENCY_MS_GOOD = 400;

/** Whether the edge can be reached, and is one. */
export const checkEdge: Check = {
  name: "edge",
  examine: async ({ askNetwork }) => judgeEdge(await askNetwork()),
};

export function judgeEdge(answer: NetworkAnswer): Finding {
  switch (answer.kind) {
    case "unset":
      return fail("no edge is set", "Run `infernet-runner init --edge URL`, or give --edge URL.");
    case "none":
      return fail(
        answer.detail,
        "Check the address, and that this machine may reach it: firewall, proxy, DNS.",
      );
    case "network": {
      const { network, latency_ms } = answer;
      const said = `version ${network.version}, ${network.network.slice(0, 12)}..., answers in ${latency_ms.toFixed(0)} ms`;
      if (latency_ms <= LATENCY_MS_GOOD) return pass(said);
      return warn(
        said,
        `Work comes quicker below ${LATENCY_MS_GOOD} ms: look at the line to it, or take an edge nearby.`,
      );
    }
    default:
      return answer satisfies never;
  }
}
