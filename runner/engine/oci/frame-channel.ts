import type { Readable, Writable } from "node:stream";
import { LIMITS } from "@infernet/schemas/limits";
import type { Tensor } from "@infernet/schemas/tensor";
import { ByteReader } from "./byte-reader.ts";
import { type Frame, parseAnswer } from "./frame.ts";

export type Answer =
  | { kind: "ready" }
  | { kind: "error"; detail: string }
  | { kind: "outputs"; outputs: Tensor[] };

/** One frame out, one frame back, in turn. */
export interface FrameChannel {
  /** Throws `FrameBroken` when what came is no frame, and `StreamEnded` when nothing will. */
  exchange(frame: Frame): Promise<Answer>;
}

/** @param input what the other side reads @param output what it writes */
export function createFrameChannel(input: Writable, output: Readable): FrameChannel {
  const reader = new ByteReader(output);
  // A side that reads no more has ended, or will be told to: what it answers says so.
  input.on("error", () => undefined);
  return {
    exchange: async ({ header, data }) => {
      input.write(header);
      for (const bytes of data) input.write(bytes);
      const answer = parseAnswer(await reader.readLine(LIMITS.oci_header_bytes_max));
      if ("error" in answer) return { kind: "error", detail: answer.error };
      if (!("tensors" in answer)) return { kind: "ready" };
      const outputs: Tensor[] = [];
      for (const { bytes, ...described } of answer.tensors)
        outputs.push({ ...described, data: await reader.readBytes(bytes) });
      return { kind: "outputs", outputs };
    },
  };
}
