import type { Tensor } from "@infernet/schemas/tensor";
import { viewElements } from "@infernet/schemas/tensor-elements";

/**
 * Sets every NaN among the tensor's floats to the canonical one, in place: WebAssembly leaves open which of its many bit
 * patterns an operation returns, and processors differ in it (WebAssembly Core 2.0, section 4.3.3).
 */
export function canonicalizeNans({ datatype, data }: Tensor): void {
  switch (datatype) {
    case "FP16":
      for (const [i, bits] of viewElements("FP16", data).entries())
        if ((bits & 0x7fff) > 0x7c00) data.set([0x00, 0x7e], i * 2);
      return;
    case "FP32":
      for (const [i, value] of viewElements("FP32", data).entries())
        if (Number.isNaN(value)) data.set([0x00, 0x00, 0xc0, 0x7f], i * 4);
      return;
    case "FP64":
      for (const [i, value] of viewElements("FP64", data).entries())
        if (Number.isNaN(value)) data.set([0, 0, 0, 0, 0, 0, 0xf8, 0x7f], i * 8);
      return;
    default:
  }
}
