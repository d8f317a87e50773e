import { hex } from "@scure/base";
import type { Bytes } from "../digest.ts";
import type { SealingId } from "../encryption.ts";
import type { TensorSpec } from "../tensor.ts";
import type { Direction } from "./content-key.ts";
import { frameParts, joinParts, renderUint32 } from "./frame-parts.ts";

/** What a tensor's rows are sealed for. */
export interface SealedRows {
  sealing_id: SealingId;
  direction: Direction;
  /** The tensor before it was sealed; `null` stands for what may differ from row to row. */
  spec: TensorSpec;
  /** Rows of the whole job: a result that was cut short does not open. */
  rows: number;
}

/** Stands for a dimension that is free. */
const FREE = 0xffffffff;

/** What all records of one tensor are bound to. */
export function renderAadPrefix({ sealing_id, direction, spec, rows }: SealedRows): Bytes {
  const { name, datatype, shape } = spec;
  const dimensions = joinParts(shape.map((size) => renderUint32(size ?? FREE)));
  return frameParts([
    "infernet/sealed-row/v1",
    hex.decode(sealing_id),
    direction,
    name,
    datatype,
    dimensions,
    renderUint32(rows),
  ]);
}

/** The additional data of one record: its tensor, its row counted from 0, its place in the row, and whether it ends the row. */
export function renderAad(prefix: Bytes, row: number, place: number, isLast: boolean): Bytes {
  const aad = new Uint8Array(prefix.length + 9);
  aad.set(prefix);
  const view = new DataView(aad.buffer);
  view.setUint32(prefix.length, row, true);
  view.setUint32(prefix.length + 4, place, true);
  aad[prefix.length + 8] = isLast ? 1 : 0;
  return aad;
}
