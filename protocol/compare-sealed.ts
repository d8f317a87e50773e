import type { Datatype, Tensor, TensorSpec } from "@infernet/schemas/tensor";
import { rowCount } from "@infernet/schemas/tensor-rows";
import type { RowComparison } from "./compare.ts";
import { bytesEqual, listUnequalRows } from "./compare-bytes.ts";
import type { Bounds } from "./compare-tolerances.ts";

/**
 * Holds two sealed outputs over the same rows against each other. Equal rows sealed for one place are equal bytes, and
 * how far apart unequal ones are nobody can tell who cannot open them. So an unequal row is fraud only where honest
 * machines must give the same bits, by what its output is before it is sealed; anywhere else it is unclear, which convicts
 * nobody.
 *
 * @param specs the model's outputs as they are before they are sealed
 * @param boundsOf where the zones would end for a datatype: see `tolerancesFor`
 */
export function compareSealedRows(
  a: readonly Tensor[],
  b: readonly Tensor[],
  specs: readonly TensorSpec[],
  boundsOf: (datatype: Datatype) => Bounds,
): RowComparison {
  const rows = Math.max(0, ...a.map(rowCount));
  const unclear = new Set<number>();
  const fraud = new Set<number>();
  for (const { name, datatype } of specs) {
    const [x, y] = [a, b].map((tensors) => tensors.find((tensor) => tensor.name === name));
    if (x === undefined || y === undefined || rowCount(x) !== rowCount(y))
      throw new RangeError(`the outputs do not both have ${rows} rows of '${name}'`);
    if (bytesEqual(x.data, y.data)) continue;
    const found = mustBeEqual(boundsOf(datatype)) ? fraud : unclear;
    for (const row of listUnequalRows(x, y)) found.add(row);
  }
  const doubtful = [...unclear].filter((row) => !fraud.has(row));
  return {
    zone: fraud.size > 0 ? "fraud" : unclear.size > 0 ? "unclear" : "match",
    deviation: null,
    angle: null,
    rows: { match: rows - fraud.size - doubtful.length, unclear: doubtful.length, fraud: fraud.size },
    worst_row: [...fraud, ...doubtful][0] ?? null,
  };
}

const mustBeEqual = ({ outer }: Bounds): boolean => outer.deviation === 0 && outer.angle === 0;
