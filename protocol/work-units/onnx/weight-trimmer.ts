import { COUNT_LIMITS } from "../count-limits.ts";
import { Uncountable } from "../uncountable.ts";
import { ByteSink } from "./byte-sink.ts";

type Message = "model" | "graph" | "node" | "attribute" | "tensor";

/** Where tensors lie (onnx.proto, as in `readModel`). The nesting is fixed, so no file makes it deep. */
const NESTED: Readonly<Record<Message, ReadonlyMap<number, Message>>> = {
  model: new Map([[7, "graph"]]),
  graph: new Map([
    [1, "node"],
    [5, "tensor"],
  ]),
  node: new Map([[5, "attribute"]]),
  attribute: new Map([[5, "tensor"]]),
  tensor: new Map(),
};

/** The fields of a TensorProto that hold its data: of floats, of integers, of text, or raw. */
const DATA: ReadonlySet<number> = new Set([4, 5, 6, 7, 9, 10, 11]);

/** Wire types of protobuf (https://protobuf.dev/programming-guides/encoding). */
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

const VARINT_BYTES_MAX = 10;
const TAG_MAX = 2 ** 32 - 1;

/** A message that is being read. */
interface Frame {
  message: Message;
  /** The field of the message around it. */
  field: number;
  /** Bytes of the file before its end. */
  end: number;
  kept: ByteSink;
}

/**
 * Makes a small file of an ONNX file that arrives in chunks: the same model with its long tensors cut short, so that
 * `countOperations` says of it what it says of the whole. Memory follows from COUNT_LIMITS, time from the file's length.
 *
 * @throws Uncountable in every method, when the file is malformed or holds too much besides its weights
 */
export class WeightTrimmer {
  readonly #frames: Frame[] = [
    { message: "model", field: 0, end: Number.POSITIVE_INFINITY, kept: new ByteSink() },
  ];
  /** One for each depth, used again. */
  readonly #sinks: ByteSink[] = [];
  readonly #varint = new Uint8Array(VARINT_BYTES_MAX);
  #varintBytes = 0;
  #awaits: "tag" | "value" | "length" = "tag";
  #tag = 0;
  #toCopy = 0;
  #toSkip = 0;
  /** Bytes of the file that were taken. */
  #position = 0;
  #kept = 0;

  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      const taken = this.#take(chunk, at);
      at += taken;
      this.#position += taken;
      this.#closeFrames();
    }
  }

  /** The small file, when the whole one has been pushed. */
  finish(): Uint8Array {
    if (this.#frames.length !== 1 || !this.#isBetweenFields()) throw malformed();
    return this.#top().kept.bytes;
  }

  #top(): Frame {
    const frame = this.#frames.at(-1);
    if (frame === undefined) throw new Error("the model's own frame is never closed");
    return frame;
  }

  #isBetweenFields(): boolean {
    return this.#toCopy + this.#toSkip + this.#varintBytes === 0 && this.#awaits === "tag";
  }

  /** @returns how many bytes of the chunk it took */
  #take(chunk: Uint8Array, at: number): number {
    const left = chunk.length - at;
    if (this.#toCopy > 0) {
      const bytes = Math.min(this.#toCopy, left);
      this.#top().kept.append(chunk.subarray(at, at + bytes));
      this.#toCopy -= bytes;
      return bytes;
    }
    if (this.#toSkip > 0) {
      const bytes = Math.min(this.#toSkip, left);
      this.#toSkip -= bytes;
      return bytes;
    }
    this.#takeVarintByte(chunk[at] ?? 0);
    return 1;
  }

  #takeVarintByte(byte: number): void {
    if (this.#varintBytes === VARINT_BYTES_MAX) throw malformed();
    this.#varint[this.#varintBytes] = byte;
    this.#varintBytes += 1;
    if (byte >= 0x80) return;
    const bytes = this.#varint.subarray(0, this.#varintBytes);
    this.#varintBytes = 0;
    const value = bytes.reduceRight((sum, group) => sum * 0x80 + (group & 0x7f), 0);
    switch (this.#awaits) {
      case "tag":
        this.#beginField(value);
        break;
      case "value":
        this.#awaits = "tag";
        this.#keepHeader(bytes.length);
        this.#top().kept.append(bytes);
        break;
      case "length":
        this.#awaits = "tag";
        this.#beginBytes(value);
    }
  }

  #beginField(tag: number): void {
    const type = tag % 8;
    if (tag > TAG_MAX || tag < 8) throw malformed();
    this.#tag = tag;
    if (type === VARINT) this.#awaits = "value";
    else if (type === BYTES) this.#awaits = "length";
    else if (type === FIXED64) this.#copy(8);
    else if (type === FIXED32) this.#copy(4);
    else throw malformed();
  }

  #copy(bytes: number): void {
    this.#keepHeader(bytes);
    this.#toCopy = bytes;
  }

  /** The last byte of the length is not counted in the position yet. */
  #beginBytes(length: number): void {
    const end = this.#position + 1 + length;
    const { message, end: endAround } = this.#top();
    if (end > endAround) throw malformed();
    const field = Math.floor(this.#tag / 8);
    const nested = NESTED[message].get(field);
    if (nested !== undefined) {
      this.#frames.push({ message: nested, field, end, kept: this.#sinkAt(this.#frames.length) });
      return;
    }
    const isCut = message === "tensor" && DATA.has(field) && length > COUNT_LIMITS.bytes_per_tensor_kept;
    const kept = isCut ? COUNT_LIMITS.bytes_per_tensor_kept : length;
    this.#keepHeader(kept, kept);
    this.#toCopy = kept;
    this.#toSkip = length - kept;
  }

  #sinkAt(depth: number): ByteSink {
    const sink = this.#sinks[depth] ?? new ByteSink();
    this.#sinks[depth] = sink;
    sink.clear();
    return sink;
  }

  /** Writes the field's tag and, where it has one, its length. @param bytes that come after it */
  #keepHeader(bytes: number, length: number | null = null): void {
    const { kept } = this.#top();
    const before = kept.length;
    kept.appendVarint(this.#tag);
    if (length !== null) kept.appendVarint(length);
    this.#kept += kept.length - before + bytes;
    if (this.#kept > COUNT_LIMITS.bytes_besides_weights_max)
      throw new Uncountable(
        `has more than ${COUNT_LIMITS.bytes_besides_weights_max} bytes besides its weights`,
      );
  }

  #closeFrames(): void {
    for (let frame = this.#top(); this.#position >= frame.end; frame = this.#top()) {
      if (this.#position > frame.end || !this.#isBetweenFields()) throw malformed();
      this.#frames.pop();
      this.#tag = frame.field * 8 + BYTES;
      // Its bytes were counted when they were kept.
      this.#keepHeader(0, frame.kept.length);
      this.#top().kept.append(frame.kept.bytes);
    }
  }
}

const malformed = () => new Uncountable("is malformed or cut short");
