import type { ProbeReport } from "./probe-report.ts";

const MIB = 1024 ** 2;

/** Threads' stacks and what an engine's library takes for itself. */
const ENGINE_BYTES = 192 * MIB;

/** Node 24 maps half a GiB for the code of each thread that runs JavaScript, whether it is used or not. */
const ASSUMED_BYTES = 1_280 * MIB;

/** What a child has mapped for writing before it holds a model, which is not the model's to answer for. */
export const nodeDataBytes = ({ data_bytes }: ProbeReport): number =>
  (data_bytes ?? ASSUMED_BYTES) + ENGINE_BYTES;
