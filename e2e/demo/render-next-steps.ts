import { VERIFY } from "./check-receipt.ts";
import { bold } from "./paint.ts";
import type { DemoNetwork } from "./start-demo-network.ts";

/** Where to go from here, when everything of the demo is gone again. */
export function renderNextSteps(): string {
  return `${bold("Next")}
  npx infernet-runner ${VERIFY.join(" ")}
  npm run demo -- --keep                              leave it running, with addresses and keys to try
  npm run demo -- --images FILE --labels FILE         your own images, 28 x 28 bytes each
  npm run serve                                       an edge that keeps its state
  npx infernet-runner start --edge http://127.0.0.1:8787 --home ~/.infernet`;
}

/** What a person can try while everything stays. */
export function renderKept({ edge, apiKey, receiver }: DemoNetwork, jobId: string): string {
  return `${bold("Still running")}, until Ctrl-C

  edge           ${edge.url}
  API reference  ${edge.url}/docs
  API key        ${apiKey}
  operator key   ${edge.operatorKey}
  webhooks       ${receiver.url}
  state          ${edge.state}, removed at the end

  curl -s ${edge.url}/jobs/${jobId} -H "Authorization: Bearer ${apiKey}"
  npx infernet-runner start --edge ${edge.url} --home /tmp/my-runner`;
}
