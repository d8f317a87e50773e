import { createHash } from "node:crypto";
import { Sha256 } from "@infernet/schemas/digest";
import { ExecutionClass } from "@infernet/schemas/execution-class";
import { Datatype, Shape, type Tensor, TensorName } from "@infernet/schemas/tensor";
import { encodeTensors } from "@infernet/schemas/tensors-binary";
import { z } from "zod";
import { Variation } from "./variation.ts";

const base64 = z.codec(z.base64(), z.instanceof(Uint8Array<ArrayBuffer>), {
  decode: (text) => new Uint8Array(Buffer.from(text, "base64")),
  encode: (bytes) => Buffer.from(bytes).toString("base64"),
});

const RecordedTensor = z.strictObject({ name: TensorName, datatype: Datatype, shape: Shape, data: base64 });

/** Outputs of one execution class, each once, with the runs that gave exactly these bits. */
const ClassRecording = z.strictObject({
  execution_class: ExecutionClass,
  outputs: z
    .array(z.strictObject({ runs: z.array(Variation).min(1), tensors: z.array(RecordedTensor).min(1) }))
    .min(1),
});
export type ClassRecording = z.infer<typeof ClassRecording>;

/** What one machine gave for the sample rows, in every way that it can run the model. */
export const Recording = z.strictObject({
  type: z.literal("infernet.recording.v1"),
  model: Sha256,
  /** sha256 of the sample rows in their binary form: recordings of other rows cannot be compared. */
  input: Sha256,
  rows: z.int().min(1),
  /** Its processor, as the system names it. */
  machine: z.string(),
  classes: z.array(ClassRecording).min(1),
});
export type Recording = z.infer<typeof Recording>;

export const digestTensors = (tensors: readonly Tensor[]): Sha256 =>
  Sha256.parse(createHash("sha256").update(encodeTensors(tensors)).digest("hex"));

export const renderRecording = (recording: Recording): string =>
  JSON.stringify(z.encode(Recording, recording));

/** Throws ZodError or SyntaxError when the text is no recording. */
export const parseRecording = (text: string): Recording => Recording.parse(JSON.parse(text));
