import { RunnerError } from "../runner-error.ts";
import { callControl } from "./call-control.ts";
import type { PeersReport } from "./peers-report.ts";

/** What the runner of this home says of its peers; null when none runs there. Throws `RunnerError` when it refuses. */
export async function askPeers(home: string): Promise<PeersReport | null> {
  const messages = await callControl(home, { call: "peers" });
  if (messages === null) return null;
  for await (const message of messages) {
    if (message.kind === "peers") return message.report;
    if (message.kind === "refused") throw new RunnerError("command_refused", message.detail);
  }
  return null;
}
