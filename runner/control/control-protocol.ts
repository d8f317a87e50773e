import { join, resolve } from "node:path";
import { z } from "zod";
import { Activity } from "./activity.ts";
import { PeersReport } from "./peers-report.ts";

/**
 * What a command says to the runner of a home, over the socket `control.sock` in it: one request, one JSON object a line,
 * answered by one message or more. Who may write to the home may give commands; there is nothing else to show.
 */
export const ControlRequest = z.discriminatedUnion("call", [
  z.strictObject({ call: z.literal("status") }),
  z.strictObject({ call: z.literal("peers") }),
  z.strictObject({ call: z.literal("pause") }),
  z.strictObject({ call: z.literal("resume") }),
  /** Answered by `progress` as often as it changes, and by `stopped` when the runner ends. */
  z.strictObject({ call: z.literal("drain") }),
]);
export type ControlRequest = z.infer<typeof ControlRequest>;

export const ControlMessage = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("activity"), activity: Activity }),
  z.strictObject({ kind: z.literal("peers"), report: PeersReport }),
  z.strictObject({ kind: z.literal("progress"), shards: z.int() }),
  z.strictObject({
    kind: z.literal("stopped"),
    shards_done: z.int(),
    shards_failed: z.int(),
    rows_done: z.int(),
    unsent: z.int(),
  }),
  z.strictObject({ kind: z.literal("refused"), detail: z.string() }),
]);
export type ControlMessage = z.infer<typeof ControlMessage>;

export const socketPath = (home: string): string => join(resolve(home), "control.sock");

/** Unix has 108 bytes for a socket's path, and macOS 104, one of them for the end. */
export const SOCKET_PATH_BYTES_MAX = 103;
