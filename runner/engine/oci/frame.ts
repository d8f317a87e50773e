import { LIMITS } from "@infernet/schemas/limits";
import { Datatype, Shape, type Tensor, TensorName, type TensorSpec } from "@infernet/schemas/tensor";
import { z } from "zod";

/** The version of the framing, and of the engine: what a container is spoken to in. See docs/containers.md. */
export const FRAME_VERSION = 1;

/** How a tensor's bytes, which follow the header, are to be read. */
const TensorHeader = z.strictObject({
  name: TensorName,
  datatype: Datatype,
  shape: Shape,
  bytes: z.int().min(0).max(LIMITS.shard_output_bytes_max),
});
type TensorHeader = z.infer<typeof TensorHeader>;

const version = z.literal(FRAME_VERSION);

/** What a container may say: that it is ready, that it cannot do it, or the outputs of one batch. */
const AnswerHeader = z.union([
  z.strictObject({ infernet: version, ready: z.literal(true) }),
  z.strictObject({ infernet: version, error: z.string() }),
  z.strictObject({
    infernet: version,
    tensors: z.array(TensorHeader).max(LIMITS.tensors_per_message_max),
  }),
  /** By `http-relay.ts` alone: what the server inside said, where it was no frame. */
  z.strictObject({ infernet: version, unreadable: z.string() }),
]);
export type AnswerHeader = z.infer<typeof AnswerHeader>;

/** A container said what is no frame: where the next one begins cannot be known, so it is spoken to no longer. */
export class FrameBroken extends Error {}

/** A header line and the bytes that follow it. */
export interface Frame {
  header: string;
  data: readonly Uint8Array[];
}

/** The first frame: what the model is called with. */
export const helloFrame = (inputs: readonly TensorSpec[], outputs: readonly TensorSpec[]): Frame => ({
  header: `${JSON.stringify({ infernet: FRAME_VERSION, inputs, outputs })}\n`,
  data: [],
});

/** One batch of rows. */
export function batchFrame(tensors: readonly Tensor[], rows: number): Frame {
  const headers = tensors.map(
    ({ name, datatype, shape, data }): TensorHeader => ({ name, datatype, shape, bytes: data.byteLength }),
  );
  return {
    header: `${JSON.stringify({ infernet: FRAME_VERSION, rows, tensors: headers })}\n`,
    data: tensors.map(({ data }) => data),
  };
}

/** Reads the header of an answer. Throws `FrameBroken` with what was seen. */
export function parseAnswer(line: string): AnswerHeader {
  const answer = AnswerHeader.safeParse(parseJson(line));
  if (!answer.success) throw new FrameBroken(`the container's answer is no frame: ${quote(line)}`);
  if ("unreadable" in answer.data)
    throw new FrameBroken(`the server's answer is no frame: ${quote(answer.data.unreadable)}`);
  const bytes = "tensors" in answer.data ? answer.data.tensors.reduce((sum, one) => sum + one.bytes, 0) : 0;
  if (bytes > LIMITS.shard_output_bytes_max)
    throw new FrameBroken(
      `the container announces ${bytes} bytes; a shard may come to ${LIMITS.shard_output_bytes_max}`,
    );
  return answer.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const QUOTED_CHARS_MAX = 120;

/** What a stranger's program said, as text that is safe to show. */
export const quote = (text: string): string =>
  JSON.stringify(text.length > QUOTED_CHARS_MAX ? `${text.slice(0, QUOTED_CHARS_MAX)}…` : text);
