/** The smallest model that says something: `y` is the product of the 2 x 2 matrix `x` with itself, in FP32 (opset 17). */
export const TINY_MODEL = Uint8Array.from(
  atob(
    "CAgSDWluZmVybmV0LXRlc3Q6SwoZCgF4CgF4EgF5GgZ0ZXN0XzAiBk1hdE11bBIEdGVzdFoTCgF4Eg4KDAgBEggKAggCCgIIAmITCgF5Eg4KDAgBEggKAggCCgIIAkIECgAQEQ==",
  ),
  (character) => character.charCodeAt(0),
);

export const TINY_INPUT = [1, 2, 3, 4] as const;
export const TINY_OUTPUT = [7, 10, 15, 22] as const;
