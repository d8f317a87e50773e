import type { Tensor } from "@infernet/schemas/tensor";
import { numbersOf } from "@infernet/schemas/tensor-elements";

/** How far apart two honest float outputs may be. */
interface Tolerance {
  /** Largest |a - b| / (|b| + rms(b)) of all elements. */
  deviation_max: number;
  /** Largest 1 - cos of the angle between the two as vectors. */
  angle_max: number;
}

/**
 * Measured with ONNX Runtime 1.30 over CPU generations, WebAssembly and WebGPU: honest runs of one FP32 model stay
 * within 6.4e-6 and 1.5e-12, and the cheapest fraud, FP16 weights, is at 2.5e-3 and 1.9e-7. FP16 models spread to
 * 1.1e-2 and 5.7e-6.
 */
const TOLERANCES = {
  FP16: { deviation_max: 3e-2, angle_max: 3e-5 },
  FP32: { deviation_max: 1e-4, angle_max: 1e-9 },
  FP64: { deviation_max: 1e-4, angle_max: 1e-9 },
} as const satisfies Record<string, Tolerance>;

/**
 * Whether two outputs of one shard say the same. Integers, booleans and BYTES must be equal byte for byte; floats,
 * tensor by tensor, within the tolerance of their datatype, with non-finite values equal and in the same places.
 * Symmetric. The order of the tensors does not matter.
 */
export function outputsAgree(a: readonly Tensor[], b: readonly Tensor[]): boolean {
  if (a.length !== b.length) return false;
  const byName = new Map(b.map((tensor) => [tensor.name, tensor]));
  return byName.size === b.length && a.every((tensor) => tensorsAgree(tensor, byName.get(tensor.name)));
}

function tensorsAgree(a: Tensor, b: Tensor | undefined): boolean {
  if (!b || a.datatype !== b.datatype || a.shape.join() !== b.shape.join()) return false;
  if (bytesEqual(a.data, b.data)) return true;
  switch (a.datatype) {
    case "FP16":
    case "FP32":
    case "FP64":
      return floatsAgree(
        numbersOf(a.datatype, a.data),
        numbersOf(a.datatype, b.data),
        TOLERANCES[a.datatype],
      );
    default:
      return false;
  }
}

function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.byteLength !== b.byteLength) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function floatsAgree(a: ArrayLike<number>, b: ArrayLike<number>, tolerance: Tolerance): boolean {
  if (a.length !== b.length) return false;
  const scale = commonScale(a, b);
  if (scale === null) return false;
  if (scale === 0) return true;
  // Everything below is divided by the scale, so that no square overflows or vanishes.
  const normA = norm(a, scale);
  const normB = norm(b, scale);
  const root = Math.sqrt(a.length);
  let angle = 0;
  for (let i = 0; i < a.length; i++) {
    const x = (a[i] ?? 0) / scale;
    const y = (b[i] ?? 0) / scale;
    if (!Number.isFinite(x)) continue;
    // The smaller of the two references, so that it does not matter which output is the first.
    const reference = Math.min(Math.abs(x) + normA / root, Math.abs(y) + normB / root);
    if (Math.abs(x - y) > tolerance.deviation_max * reference) return false;
    // 1 - cos is half the squared distance of the unit vectors; as a difference from 1 it would lose its digits.
    angle += (x / normA - y / normB) ** 2 / 2;
  }
  return angle <= tolerance.angle_max;
}

/** The largest finite magnitude of both; null when a non-finite value has another, or a finite one, opposite. */
function commonScale(a: ArrayLike<number>, b: ArrayLike<number>): number | null {
  let scale = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i] ?? 0;
    const y = b[i] ?? 0;
    if (Number.isFinite(x) && Number.isFinite(y)) scale = Math.max(scale, Math.abs(x), Math.abs(y));
    else if (!Object.is(x, y)) return null;
  }
  return scale;
}

/** Euclidean norm of the finite values, each divided by `scale`. */
function norm(values: ArrayLike<number>, scale: number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const value = (values[i] ?? 0) / scale;
    if (Number.isFinite(value)) sum += value * value;
  }
  return Math.sqrt(sum);
}
