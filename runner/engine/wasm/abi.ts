import type { FunctionType } from "./binary/read-module.ts";

/** Of both ways to call a module. A module says which one it was made for by what `infernet_abi` returns. */
export const ABI_VERSION = 1;

export const RUN = "infernet_run";
export const ALLOC = "infernet_alloc";
export const TENSORS = "infernet_tensors";
export const VERSION = "infernet_abi";
export const START = "_start";
export const INITIALIZE = "_initialize";
export const MEMORY = "memory";

const returnsNumber: FunctionType = { parameters: [], results: ["i32"] };
const returnsNothing: FunctionType = { parameters: [], results: [] };
const common: Readonly<Record<string, FunctionType>> = { [VERSION]: returnsNumber, [TENSORS]: returnsNumber };

/** Functions that a module must export, by the way it is called. */
export const REQUIRED_FUNCTIONS: Readonly<Record<"rows" | "wasi", Readonly<Record<string, FunctionType>>>> = {
  rows: {
    ...common,
    [ALLOC]: { parameters: ["i32"], results: ["i32"] },
    [RUN]: { parameters: ["i32", "i32", "i32"], results: ["i32"] },
  },
  wasi: { ...common, [START]: returnsNothing },
};

/** Called once in a new instance where it is there. */
export const OPTIONAL_FUNCTIONS: Readonly<Record<string, FunctionType>> = { [INITIALIZE]: returnsNothing };
