import type { BenchContext, BenchResult } from "../bench-part.ts";
import { formatNumber } from "../format-number.ts";
import { renderTable } from "../render-table.ts";
import { measurePeerIdle } from "./measure-peer-idle.ts";

const MIB = 1024 ** 2;

/** What the network of peers costs a machine that has nothing to do. */
export async function benchPeerIdle(context: BenchContext): Promise<BenchResult> {
  const { nodes, minutes, machines } = await measurePeerIdle(context);
  const table = renderTable(
    ["process", "MiB", "CPU, % of a core", "received, MiB an hour", "sent, MiB an hour"],
    machines.map((one) => [
      one.process,
      formatNumber(one.resident_bytes / MIB),
      formatNumber(one.cpu_share * 100),
      formatNumber(one.received_bytes_per_hour / MIB),
      formatNumber(one.sent_bytes_per_hour / MIB),
    ]),
  );
  return {
    report: { nodes, minutes, machines },
    text: `${nodes} nodes, measured for ${minutes} minutes, all bytes of the network interface\n\n${table}`,
  };
}
