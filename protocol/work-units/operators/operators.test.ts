import { expect, test } from "vitest";
import { ELEMENT } from "../onnx/onnx-model.ts";
import { integer, integers, weights } from "../testing/build-onnx.ts";
import { countOne, type OneOperator, operationsOf, reasonOf } from "../testing/count-one.ts";

const int64 = (values: number[]) => integers("integers", values);

/** Each by hand, from the formula that stands with the rule. */
const COUNTS: [why: string, operator: string, use: OneOperator, operations: number][] = [
  ["2 x 8x6x6 outputs x 3 channels x 3x3", "Conv", { x: [1, 3, 8, 8], more: [[8, 3, 3, 3]] }, 2 * 288 * 27],
  ["a bias adds one each", "Conv", { x: [1, 3, 8, 8], more: [[8, 3, 3, 3], [8]] }, 288 * (2 * 27 + 1)],
  [
    "strides and pads: floor((8 + 2 - 3) / 2) + 1 = 4 a side",
    "Conv",
    { x: [1, 3, 8, 8], more: [[8, 3, 3, 3]], attributes: { strides: [2, 2], pads: [1, 1, 1, 1] } },
    2 * 8 * 16 * 27,
  ],
  [
    "each of 6 groups convolves its own channel",
    "Conv",
    { x: [1, 6, 5, 5], more: [[6, 1, 3, 3]], attributes: { group: 6 } },
    2 * 6 * 9 * 9,
  ],
  [
    "dilated by 2, a kernel of 3 spans 5",
    "Conv",
    { x: [1, 1, 9], more: [[1, 1, 3]], attributes: { dilations: [2] } },
    2 * 5 * 3,
  ],
  [
    "the same size, in three dimensions",
    "Conv",
    { x: [1, 2, 4, 4, 4], more: [[3, 2, 3, 3, 3]], attributes: { auto_pad: "SAME_UPPER" } },
    2 * 3 * 64 * 54,
  ],
  [
    "VALID pads nothing, whatever pads say",
    "Conv",
    { x: [1, 1, 9], more: [[1, 1, 3]], attributes: { auto_pad: "VALID", pads: [1, 1] } },
    2 * 7 * 3,
  ],
  ["as a convolution", "ConvInteger", { x: [1, 3, 8, 8], more: [[8, 3, 3, 3]] }, 2 * 288 * 27],
  [
    "a convolution, and three to bring each number to 8 bits",
    "QLinearConv",
    { x: [1, 1, 4], more: [[], [], [2, 1, 3], [], [], [], []] },
    2 * 2 * (2 * 3 + 3),
  ],
  [
    "2 x inputs x outputs' channels x kernel",
    "ConvTranspose",
    { x: [1, 4, 5, 5], more: [[4, 2, 3, 3]], attributes: { strides: [2, 2] } },
    2 * 100 * 18,
  ],
  [
    "and a bias for each of the (2 x 4 + 3)^2 outputs",
    "ConvTranspose",
    { x: [1, 4, 5, 5], more: [[4, 2, 3, 3], [2]], attributes: { strides: [2, 2] } },
    2 * 100 * 18 + 2 * 121,
  ],
  ["2MNK", "Gemm", { x: [3, 4], more: [[4, 5]] }, 2 * 3 * 5 * 4],
  [
    "2MNK + MN, transposed",
    "Gemm",
    { x: [4, 3], more: [[5, 4], [5]], attributes: { transA: 1, transB: 1 } },
    2 * 3 * 5 * 4 + 15,
  ],
  ["2MNK for each of 7 x 2 matrices", "MatMul", { x: [7, 1, 3, 4], more: [[2, 4, 5]] }, 14 * 2 * 3 * 5 * 4],
  ["a vector is one row", "MatMul", { x: [4], more: [[4, 5]] }, 2 * 5 * 4],
  ["two vectors make a number", "MatMul", { x: [4], more: [[4]] }, 8],
  ["2MNK", "MatMulInteger", { x: [3, 4], more: [[4, 5]] }, 120],
  ["and three for each output", "QLinearMatMul", { x: [3, 4], more: [[], [], [4, 5], [], [], [], []] }, 165],
  [
    "2 x b i j k",
    "Einsum",
    { x: [2, 3, 4], more: [[2, 4, 5]], attributes: { equation: "bij,bjk->bik" } },
    2 * 2 * 3 * 4 * 5,
  ],
  [
    "four for each of 2x3x3",
    "MaxPool",
    { x: [1, 2, 6, 6], attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
    72,
  ],
  [
    "rounded up: (5 - 2) / 2 + 1 = 3",
    "AveragePool",
    { x: [1, 1, 5], attributes: { kernel_shape: [2], strides: [2], ceil_mode: 1 } },
    6,
  ],
  ["one for each input", "GlobalAveragePool", { x: [1, 2, 6, 6] }, 72],
  ["one for each element", "Relu", { x: [3, 4] }, 12],
  ["one for each element", "Tanh", { x: [3, 4] }, 12],
  ["x / (1 + |x|)", "Softsign", { x: [3, 4] }, 36],
  ["five, as spelled out with erf", "Gelu", { x: [3, 4] }, 60],
  ["eight, as spelled out with tanh", "Gelu", { x: [3, 4], attributes: { approximate: "tanh" } }, 96],
  ["minimum and maximum", "Clip", { x: [3, 4], more: [[], []] }, 24],
  ["one for each of 3 x 4", "Add", { x: [3, 1], more: [[1, 4]] }, 12],
  ["two additions", "Sum", { x: [3, 4], more: [[4], [1]] }, 24],
  ["two additions and a division", "Mean", { x: [3, 4], more: [[4], [1]] }, 36],
  ["one for each of 3 x 4", "Where", { x: [3, 1], more: [[4], [1]] }, 12],
  ["five", "Softmax", { x: [3, 4] }, 60],
  ["eight", "LayerNormalization", { x: [3, 4], more: [[4], [4]], outputs: 3 }, 96],
  ["two", "BatchNormalization", { x: [1, 3, 4], more: [[3], [3], [3], [3]] }, 24],
  ["2 x 5 + 4", "LRN", { x: [1, 3], attributes: { size: 5 } }, 42],
  ["one for each input", "ReduceMean", { x: [3, 4], more: [int64([1])] }, 12],
  ["two for each input", "ReduceL2", { x: [3, 4], attributes: { axes: [0] } }, 24],
  ["one for each input", "ArgMax", { x: [3, 4], attributes: { axis: 1 } }, 12],
  ["bits of 5", "TopK", { x: [3, 8], more: [int64([5])], outputs: 2 }, 72],
  ["divide, round, add", "QuantizeLinear", { x: [3, 4], more: [[], []] }, 36],
  ["subtract, multiply", "DequantizeLinear", { x: [3, 4], more: [[], []] }, 24],
  ["and the range", "DynamicQuantizeLinear", { x: [3, 4], outputs: 3 }, 60],
  [
    "one gate",
    "RNN",
    {
      x: [7, 2, 3],
      more: [
        [1, 5, 3],
        [1, 5, 5],
      ],
    },
    7 * 2 * 5 * (2 * 8 + 2),
  ],
  [
    "three gates",
    "GRU",
    {
      x: [7, 2, 3],
      more: [
        [1, 15, 3],
        [1, 15, 5],
      ],
    },
    7 * 2 * 5 * (2 * 3 * 8 + 11),
  ],
  [
    "four gates, both ways",
    "LSTM",
    {
      x: [7, 2, 3],
      more: [
        [2, 20, 3],
        [2, 20, 5],
      ],
      outputs: 3,
    },
    7 * 2 * 2 * 5 * (2 * 4 * 8 + 13),
  ],
  [
    "peepholes add three multiply-adds",
    "LSTM",
    { x: [7, 2, 3], more: [[1, 20, 3], [1, 20, 5], null, null, null, null, [1, 15]] },
    7 * 2 * 5 * (2 * 4 * 8 + 13 + 6),
  ],
  ["nothing moves", "Reshape", { x: [3, 4], more: [int64([0, 2, -1])] }, 0],
  ["nothing moves", "Flatten", { x: [3, 4, 5] }, 0],
  ["nothing moves", "Squeeze", { x: [3, 1, 4], more: [int64([1])] }, 0],
  ["nothing moves", "Unsqueeze", { x: [3, 4], more: [int64([0, -1])] }, 0],
  ["nothing moves", "Identity", { x: [3, 4] }, 0],
  ["nothing moves", "Dropout", { x: [3, 4], outputs: 2 }, 0],
  ["each moves", "Transpose", { x: [3, 4], attributes: { perm: [1, 0] } }, 12],
  ["each moves", "DepthToSpace", { x: [1, 4, 3, 3], attributes: { blocksize: 2 } }, 36],
  ["each moves", "Concat", { x: [3, 4], more: [[3, 2]], attributes: { axis: 1 } }, 18],
  ["each moves", "Split", { x: [3, 4], attributes: { axis: 1 }, outputs: 2 }, 12],
  ["two rows of four", "Gather", { x: [3, 4], more: [[2]] }, 8],
  ["each output", "GatherElements", { x: [3, 4], more: [[2, 4]] }, 8],
  ["rows of four by 2 x 5 indices", "GatherND", { x: [3, 4], more: [[2, 5, 1]] }, 40],
  [
    "a copy and its updates",
    "ScatterND",
    {
      x: [3, 4],
      more: [
        [2, 1],
        [2, 4],
      ],
    },
    20,
  ],
  ["padded by one on each side", "Pad", { x: [3, 4], more: [int64([0, 1, 0, 1])] }, 18],
  ["twice as wide", "Tile", { x: [3, 4], more: [int64([1, 2])] }, 24],
  ["spread over 2 rows of 3", "Expand", { x: [3, 4], more: [int64([2, 1, 1])] }, 24],
  ["six classes", "OneHot", { x: [3], more: [integer("depth", 6), [2]] }, 18],
  [
    "2 x 2^2 for each of 1x2x6x6",
    "Resize",
    { x: [1, 2, 3, 3], more: [null, null, int64([1, 2, 6, 6])], attributes: { mode: "linear" } },
    576,
  ],
];

test.each(COUNTS)("%s: %s", (_, operator, use, operations) => {
  expect(operationsOf(countOne(operator, use))).toBe(BigInt(operations));
});

test("a slice is clamped as numpy clamps it", () => {
  const slice = (starts: number[], ends: number[], steps: number[]) =>
    operationsOf(
      countOne("Slice", {
        x: [3, 5],
        more: [
          integers("starts", starts),
          integers("ends", ends),
          integers("axes", [1]),
          integers("steps", steps),
        ],
      }),
    );
  expect(slice([1], [5], [2])).toBe(6n);
  expect(slice([-2], [1_000], [1])).toBe(6n);
  expect(slice([-1], [-1_000], [-1])).toBe(15n);
  expect(slice([4], [0], [-3])).toBe(6n);
  expect(slice([3], [2], [1])).toBe(0n);
});

test.each<[string, OneOperator, string]>([
  ["Conv", { x: [1, 3, 8, 8], more: [[8, 4, 3, 3]] }, "convolves [1,3,8,8] with [8,4,3,3] in 1 groups"],
  ["Conv", { x: [1, 3, 2, 2], more: [[8, 3, 5, 5]] }, "has a tensor with a dimension of -2"],
  ["Conv", { x: [1, 1, 8], more: [[1, 1, 3]], attributes: { strides: [0] } }, "has strides of 0 for 1"],
  ["Conv", { x: [1, 1, 8], more: [[1, 1, 3]], attributes: { kernel_shape: [1] } }, "declared as 1"],
  ["MatMul", { x: [3, 4], more: [[5, 6]] }, "multiplies [3,4] by [5,6]"],
  ["Gemm", { x: [3, 4], more: [[5, 6]] }, "multiplies [3,4] by [5,6]"],
  ["Add", { x: [3], more: [[4]] }, "has shapes that do not broadcast: [3], [4]"],
  ["Reshape", { x: [3, 4], more: [integers("s", [5, -1])] }, "reshapes [3,4] to [5,-1]"],
  ["Reshape", { x: [3, 4], more: [integers("s", [-3, -4])] }, "has a tensor with a dimension of -3"],
  ["Concat", { x: [3, 4], more: [[2, 5]], attributes: { axis: 0 } }, "concatenates [3,4], [2,5]"],
  ["Split", { x: [3, 4], more: [integers("s", [1, 1])], attributes: { axis: 1 } }, "splits 4 into 1 + 1"],
  ["Gather", { x: [3, 4], more: [[2]], attributes: { axis: 2 } }, "has an axis 2 in a tensor of 2"],
  [
    "LSTM",
    {
      x: [7, 2, 3],
      more: [
        [1, 20, 3],
        [1, 20, 6],
      ],
    },
    "recurs over",
  ],
  ["Dropout", { x: [3], more: [[], weights("t", [], ELEMENT.BOOL)] }, "trains"],
  [
    "Resize",
    { x: [3], more: [null, null, integers("s", [4])], attributes: { mode: "constructor" } },
    "resizes by",
  ],
  ["Tile", { x: [3], more: [integers("s", [9_007_199_254_740_991])] }, "has a tensor with a dimension of"],
])("%s that cannot run is uncountable", (operator, use, reason) => {
  expect(reasonOf(countOne(operator, use))).toContain(reason);
});
