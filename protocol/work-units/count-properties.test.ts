import fc from "fast-check";
import { expect, test } from "vitest";
import { countOperations, type OnnxCount } from "./count-onnx.ts";
import { broadcast } from "./tensor-shape.ts";
import { buildOnnx, integers, node, weights } from "./testing/build-onnx.ts";
import { countOne, operationsOf } from "./testing/count-one.ts";

const side = fc.integer({ min: 1, max: 40 });

interface Layers {
  positions: number;
  width: number;
  classes: number;
}

/** A transformer's parts: products, attention over `positions`, normalisation and a head. */
function attentionModel({ positions, width, classes }: Layers, rows: number | string): Uint8Array {
  return buildOnnx({
    inputs: [{ name: "x", dims: [rows, positions, width] }],
    constants: [
      weights("wq", [width, width]),
      weights("wk", [width, width]),
      weights("scale", [width]),
      weights("head", [positions * width, classes]),
      integers("flat", [0, -1]),
    ],
    nodes: [
      node("MatMul", ["x", "wq"], "q"),
      node("MatMul", ["x", "wk"], "k"),
      node("Transpose", ["k"], "kt", { perm: [0, 2, 1] }),
      node("MatMul", ["q", "kt"], "scores"),
      node("Softmax", ["scores"], "weights"),
      node("MatMul", ["weights", "x"], "mixed"),
      node("Add", ["mixed", "x"], "sum"),
      node("LayerNormalization", ["sum", "scale"], "norm"),
      node("Reshape", ["norm", "flat"], "rows"),
      node("MatMul", ["rows", "head"], "y"),
    ],
  });
}

const count = (layers: Layers, rows: number | string): OnnxCount =>
  countOperations(attentionModel(layers, rows), [
    { name: "x", shape: [null, layers.positions, layers.width] },
  ]);

const layers = fc.record({ positions: side, width: side, classes: side });

test("a row costs the same in any batch", () => {
  fc.assert(
    fc.property(layers, side, (shape, rows) => {
      expect(operationsOf(count(shape, rows))).toBe(operationsOf(count(shape, "n")));
    }),
  );
});

test("attention costs what its parts do by hand", () => {
  fc.assert(
    fc.property(layers, (shape) => {
      const [p, w, c] = [shape.positions, shape.width, shape.classes];
      const products = 2 * (2 * p * w * w) + 2 * (2 * p * p * w) + 2 * p * w * c;
      expect(operationsOf(count(shape, "n"))).toBe(BigInt(products + p * w + 5 * p * p + p * w + 8 * p * w));
    }),
  );
});

test("a model larger in any dimension costs more", () => {
  const keys = fc.constantFrom("positions", "width", "classes");
  fc.assert(
    fc.property(layers, keys, (shape, key) => {
      const larger = { ...shape, [key]: shape[key as keyof Layers] + 1 };
      expect(operationsOf(count(larger, "n"))).toBeGreaterThan(operationsOf(count(shape, "n")));
    }),
  );
});

test("shapes that broadcast cost the elements of the whole, in either order", () => {
  const dims = fc.array(fc.tuple(side, fc.boolean(), fc.boolean()), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(dims, fc.nat(4), (all, dropped) => {
      const a = all.map(([dim, one]) => (one ? 1 : dim));
      const b = all.map(([dim, , one]) => (one ? 1 : dim)).slice(dropped);
      const whole = broadcast([a, b]).reduce((product, dim) => product * dim, 1);
      expect(operationsOf(countOne("Mul", { x: a, more: [b] }))).toBe(BigInt(whole));
      expect(operationsOf(countOne("Mul", { x: b, more: [a] }))).toBe(BigInt(whole));
    }),
  );
});

test("a convolution in groups costs its share of one without", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 3, max: 20 }), (groups, size) => {
      const whole = countOne("Conv", { x: [1, 4 * groups, size], more: [[2 * groups, 4 * groups, 3]] });
      const grouped = countOne("Conv", {
        x: [1, 4 * groups, size],
        more: [[2 * groups, 4, 3]],
        attributes: { group: groups },
      });
      expect(operationsOf(grouped) * BigInt(groups)).toBe(operationsOf(whole));
    }),
  );
});
