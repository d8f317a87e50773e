import { getAddressDecoder } from "@solana/kit";
import type { TransactionMetadata } from "litesvm";
import type { Simulation } from "../chain/simulate.ts";

/** The outcome of a simulation as the RPC writes it, without the accounts that some callers ask for. */
export function encodeSimulation({ error, meta }: Simulation): object {
  return {
    err: error,
    logs: meta?.logs() ?? [],
    accounts: null,
    unitsConsumed: meta?.computeUnitsConsumed() ?? 0,
    returnData: meta && encodeReturnData(meta),
  };
}

function encodeReturnData(meta: TransactionMetadata): object | null {
  const returned = meta.returnData();
  const data = returned.data();
  if (data.length === 0) return null;
  const programId = getAddressDecoder().decode(returned.programId());
  return { programId, data: [Buffer.from(data).toString("base64"), "base64"] };
}
