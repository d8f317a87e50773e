// What an AssemblyScript module needs for the ABI `rows`, version 1, of docs/wasm.md.

@external("infernet", "fail")
declare function failWith(text: usize, bytes: u32): void;

/** A tensor's description, where the runner wrote it. */
@unmanaged
export class Tensor {
  data: usize;
  bytes: u32;
  datatype: u32;
  rank: u32;
  rows: u32;
}

/** The tensor at `index` of those at `address`. */
export function tensorAt(address: usize, index: u32): Tensor {
  return changetype<Tensor>(address + index * 48);
}

/** Gives an output its memory, and returns the address. */
export function outputBytes(output: Tensor, bytes: u32): usize {
  output.data = heap.alloc(bytes);
  output.bytes = bytes;
  return output.data;
}

export function infernet_abi(): u32 {
  return 1;
}

export function infernet_alloc(bytes: u32): usize {
  return heap.alloc(bytes);
}

/** Text as the runner reads it: UTF-8 that ends with a zero byte. */
export function text(lines: string): usize {
  return changetype<usize>(String.UTF8.encode(lines, true));
}

/** In place of AssemblyScript's own: compile with `--use abort=infernet/abort`. */
export function abort(message: string | null, _file: string | null, line: u32, _column: u32): void {
  const encoded = String.UTF8.encode((message ? message : "aborted") + ", line " + line.toString());
  failWith(changetype<usize>(encoded), encoded.byteLength);
}
