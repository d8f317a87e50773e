import { shaped } from "../known-tensor.ts";
import { dimAt } from "../tensor-shape.ts";
import { Uncountable } from "../uncountable.ts";
import {
  integerAttribute,
  type Operator,
  type OperatorCall,
  type OperatorTable,
  optionalInput,
  requiredInput,
} from "./operator.ts";

/** A recurrent cell: its gates, and what it does besides the products, for each number of the hidden state. */
interface Cell {
  gates: number;
  pointwise: number;
  /** Index of the optional weights from the cell's state to its gates, a multiply-add for each of three gates. */
  peephole: number | null;
}

const PEEPHOLES = 3;

/** Steps, rows, directions, inputs and hidden numbers, from x [steps, rows, inputs], w and the recurrent weights r. */
function readSides(call: OperatorCall, { gates }: Cell) {
  const [x, w, r] = [0, 1, 2].map((index) => requiredInput(call, index).shape);
  if (x?.length !== 3 || w?.length !== 3 || r?.length !== 3)
    throw new Uncountable(`recurs over [${x}] with [${w}] and [${r}]`);
  const [first, second] = [dimAt(x, 0), dimAt(x, 1)];
  const rowsFirst = integerAttribute(call, "layout", 0) !== 0;
  const [steps, rows] = rowsFirst ? [second, first] : [first, second];
  const [directions, inputs, hidden] = [dimAt(w, 0), dimAt(x, 2), dimAt(r, 2)];
  const fits =
    dimAt(w, 1) === gates * hidden &&
    dimAt(w, 2) === inputs &&
    `${r}` === `${[directions, gates * hidden, hidden]}`;
  if (!fits) throw new Uncountable(`recurs over [${x}] with [${w}] and [${r}]`);
  return { steps, rows, directions, inputs, hidden, rowsFirst };
}

/** steps x rows x directions x hidden x (2 x gates x (inputs + hidden) + pointwise). */
const recurrent = (cell: Cell): Operator => ({
  infer: (call) => {
    const { steps, rows, directions, hidden, rowsFirst } = readSides(call, cell);
    const all = rowsFirst ? [rows, steps, directions, hidden] : [steps, directions, rows, hidden];
    const last = shaped(rowsFirst ? [rows, directions, hidden] : [directions, rows, hidden]);
    return [shaped(all), last, last];
  },
  operations: (call) => {
    const { steps, rows, directions, inputs, hidden } = readSides(call, cell);
    const peeps = cell.peephole !== null && optionalInput(call, cell.peephole) !== null;
    const pointwise = cell.pointwise + (peeps ? 2 * PEEPHOLES : 0);
    const perNumber = 2n * BigInt(cell.gates) * BigInt(inputs + hidden) + BigInt(pointwise);
    return [steps, rows, directions, hidden].reduce((product, side) => product * BigInt(side), perNumber);
  },
});

export const RECURRENT: OperatorTable = {
  /** Bias, tanh. */
  RNN: recurrent({ gates: 1, pointwise: 2, peephole: null }),
  /** Biases (3), two sigmoids, tanh, r h (1), (1 - z) n + z h (4). */
  GRU: recurrent({ gates: 3, pointwise: 11, peephole: null }),
  /** Biases (4), three sigmoids, tanh, f c + i g (3), o tanh(c) (2). */
  LSTM: recurrent({ gates: 4, pointwise: 13, peephole: 7 }),
};
