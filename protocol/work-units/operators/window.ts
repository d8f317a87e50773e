import { dimAt, type Shape } from "../tensor-shape.ts";
import { Uncountable } from "../uncountable.ts";
import { integerAttribute, integersAttribute, type OperatorCall, textAttribute } from "./operator.ts";

/** How a kernel moves over the spatial dimensions: one number each, `pads` for their begins and then their ends. */
export interface Window {
  kernel: Shape;
  strides: readonly number[];
  dilations: readonly number[];
  pads: readonly number[];
  auto_pad: string;
}

/** @throws Uncountable when an attribute is out of range or not one number for each spatial dimension */
export function readWindow(call: OperatorCall, kernel: Shape): Window {
  const rank = kernel.length;
  const list = (name: string, length: number, fallback: number, least: number) => {
    const numbers = integersAttribute(call, name) ?? Array.from({ length }, () => fallback);
    if (
      numbers.length !== length ||
      numbers.some((number) => !Number.isSafeInteger(number) || number < least)
    )
      throw new Uncountable(`has ${name} of ${numbers.join(", ")} for ${rank} spatial dimensions`);
    return numbers;
  };
  if (kernel.some((side) => !(side >= 1))) throw new Uncountable(`has a kernel of ${kernel.join(" x ")}`);
  const declared = integersAttribute(call, "kernel_shape");
  if (declared !== null && declared.join() !== kernel.join())
    throw new Uncountable(`has a kernel of ${kernel.join(" x ")}, declared as ${declared.join(" x ")}`);
  return {
    kernel,
    strides: list("strides", rank, 1, 1),
    dilations: list("dilations", rank, 1, 1),
    pads: list("pads", 2 * rank, 0, 0),
    auto_pad: textAttribute(call, "auto_pad", "NOTSET"),
  };
}

/** The stretch of input that a kernel spans along one spatial dimension: (kernel - 1) x dilation + 1. */
const spanAt = (window: Window, axis: number): number =>
  (dimAt(window.kernel, axis) - 1) * dimAt(window.dilations, axis) + 1;

/**
 * Spatial dimensions of the output of a convolution or pooling:
 * floor((in + pads - span) / stride) + 1, or ceil where `ceil_mode` says so; with SAME padding, ceil(in / stride).
 */
export function slideWindow(call: OperatorCall, spatial: Shape, window: Window): Shape {
  const roundUp = integerAttribute(call, "ceil_mode", 0) !== 0;
  return spatial.map((size, axis) => {
    const stride = dimAt(window.strides, axis);
    if (window.auto_pad.startsWith("SAME_")) return Math.ceil(size / stride);
    const padded = window.auto_pad === "NOTSET";
    const begin = padded ? dimAt(window.pads, axis) : 0;
    const end = padded ? dimAt(window.pads, axis + spatial.length) : 0;
    const room = size + begin + end - spanAt(window, axis);
    const floored = Math.floor(room / stride) + 1;
    if (!roundUp) return floored;
    const ceiled = Math.ceil(room / stride) + 1;
    const starts_in_padding = (ceiled - 1) * stride >= size + begin;
    return starts_in_padding ? ceiled - 1 : ceiled;
  });
}

/**
 * Spatial dimensions of the output of a transposed convolution: stride x (in - 1) + output_padding + span - pads, or
 * `output_shape` where that is given; with SAME padding, in x stride.
 */
export function unslideWindow(call: OperatorCall, spatial: Shape, window: Window): Shape {
  const asked = integersAttribute(call, "output_shape");
  const padding = integersAttribute(call, "output_padding") ?? spatial.map(() => 0);
  if (asked !== null && asked.length !== spatial.length)
    throw new Uncountable(`has output_shape of ${asked.join(", ")} for ${spatial.length} spatial dimensions`);
  return spatial.map((size, axis) => {
    if (asked !== null) return dimAt(asked, axis);
    const stride = dimAt(window.strides, axis);
    if (window.auto_pad.startsWith("SAME_")) return size * stride;
    const padded = window.auto_pad === "NOTSET";
    const pads = padded ? dimAt(window.pads, axis) + dimAt(window.pads, axis + spatial.length) : 0;
    return stride * (size - 1) + dimAt(padding, axis) + spanAt(window, axis) - pads;
  });
}
