import type { Bytes } from "@infernet/schemas/digest";
import binaryen from "assemblyscript/binaryen";

/** A module from its text, unchecked, with every feature that the assembler knows. */
export function assemble(text: string): Bytes {
  const module = binaryen.parseText(text);
  try {
    module.setFeatures(binaryen.Features.All);
    return new Uint8Array(module.emitBinary());
  } finally {
    module.dispose();
  }
}
