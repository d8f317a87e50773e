import { EscrowError } from "@infernet/escrow/client/escrow-error";
import { InfernetError } from "@infernet/schemas/errors";

/**
 * An error of the escrow program's client as one of the catalogue, where it says something about the chain; others are
 * given back as they are.
 */
function translateEscrowError(error: unknown): unknown {
  if (!(error instanceof EscrowError)) return error;
  switch (error.code) {
    case "rpc_unavailable":
    case "wrong_cluster":
      return new InfernetError("chain_unavailable", `${error.message}.`);
    case "rpc_contradicts":
      return new InfernetError("chain_contradicts", `${error.message}.`);
    case "voucher_invalid":
      return new InfernetError("voucher_invalid", `${error.message}.`);
    default:
      return error;
  }
}

/** What `work` gives, or its failure translated. */
export async function onChain<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translateEscrowError(error);
  }
}
