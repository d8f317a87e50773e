import type { Bytes } from "@infernet/schemas/digest";
import { assemble } from "./assemble.ts";

export interface RowsModule {
  /** Of `infernet_run`, which has `$rows`, `$in` and `$out`; what it leaves is the status. */
  run?: string;
  /** Of `infernet_alloc`, which has `$bytes`. */
  alloc?: string;
  memory?: string;
  imports?: string;
  /** Further functions, globals and exports. */
  more?: string;
  tensors?: string;
  abi?: number;
}

/** Where its output's data stands by default. */
const OUTPUT_AT = 65_536;

/**
 * A module of the ABI `rows` with an FP32 input `x` of any width and an output `y` like it, which copies unless told
 * otherwise. `$copy` gives back the input.
 */
export function rowsModule(change: RowsModule = {}): Bytes {
  return assemble(rowsText(change));
}

function rowsText(change: RowsModule): string {
  const {
    run = "(call $copy (local.get $in) (local.get $out)) (i32.const 0)",
    alloc = "(i32.const 2048)",
    memory = '(memory (export "memory") 2)',
    imports = "",
    more = "",
    tensors = "input x\\0aoutput y\\0a\\00",
    abi = 1,
  } = change;
  return `(module
    ${imports}
    ${memory}
    (data (i32.const 16) "${tensors}")
    (func (export "infernet_abi") (result i32) (i32.const ${abi}))
    (func (export "infernet_tensors") (result i32) (i32.const 16))
    (func (export "infernet_alloc") (param $bytes i32) (result i32) ${alloc})
    (func $copy (param $in i32) (param $out i32)
      (i32.store (local.get $out) (i32.const ${OUTPUT_AT}))
      (i32.store offset=4 (local.get $out) (i32.load offset=4 (local.get $in)))
      (memory.copy (i32.const ${OUTPUT_AT}) (i32.load (local.get $in)) (i32.load offset=4 (local.get $in))))
    ${more}
    (func (export "infernet_run") (param $rows i32) (param $in i32) (param $out i32) (result i32) ${run}))`;
}
