// Counts the words of texts, and returns the texts in capitals.

import { outputBytes, Tensor, tensorAt, text } from "./infernet";

export { infernet_abi, infernet_alloc } from "./infernet";

export function infernet_tensors(): usize {
  return text("input text\noutput words\noutput capitals\n");
}

function isLetter(byte: u8): bool {
  return byte > 32;
}

function capital(byte: u8): u8 {
  return byte >= 97 && byte <= 122 ? byte - 32 : byte;
}

export function infernet_run(rows: u32, inputs: usize, outputs: usize): i32 {
  const input: Tensor = tensorAt(inputs, 0);
  const words = outputBytes(tensorAt(outputs, 0), rows * 4);
  // A text in capitals is as long as it was: each element is its length in 4 bytes and then its bytes.
  const capitals = outputBytes(tensorAt(outputs, 1), input.bytes);
  let offset: usize = 0;
  for (let row: u32 = 0; row < rows; row++) {
    const bytes = load<u32>(input.data + offset);
    store<u32>(capitals + offset, bytes);
    offset += 4;
    let count: i32 = 0;
    let isInside = false;
    for (const end = offset + bytes; offset < end; offset++) {
      const byte = load<u8>(input.data + offset);
      if (isLetter(byte) && !isInside) count++;
      isInside = isLetter(byte);
      store<u8>(capitals + offset, capital(byte));
    }
    store<i32>(words + row * 4, count);
  }
  return 0;
}
