import { RunnerError } from "../runner-error.ts";
import type { Activity } from "./activity.ts";
import { callControl } from "./call-control.ts";
import type { ControlRequest } from "./control-protocol.ts";

/**
 * What the runner of this home is at, after it has done what it was told; null when none runs there. Throws `RunnerError` when
 * it refuses.
 */
export async function askControl(
  home: string,
  request: Exclude<ControlRequest, { call: "drain" | "peers" }>,
): Promise<Activity | null> {
  const messages = await callControl(home, request);
  if (messages === null) return null;
  for await (const message of messages) {
    if (message.kind === "activity") return message.activity;
    if (message.kind === "refused") throw new RunnerError("command_refused", message.detail);
  }
  return null;
}
