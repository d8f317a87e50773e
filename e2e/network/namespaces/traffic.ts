import { readFileSync } from "node:fs";

/** What has gone through a network interface, with the headers of every layer. */
export interface Traffic {
  received_bytes: number;
  sent_bytes: number;
}

/** Columns of `/proc/<pid>/net/dev` after the interface's name (proc(5)). */
const COLUMN = { received_bytes: 0, sent_bytes: 8 };

/** Counted by the kernel, in the network namespace of a process. Throws when it has no such interface. */
export function readTraffic(pid: number, name: string): Traffic {
  const lines = readFileSync(`/proc/${pid}/net/dev`, "utf8").split("\n");
  const line = lines.find((one) => one.trimStart().startsWith(`${name}:`));
  if (line === undefined) throw new Error(`process ${pid} has no network interface ${name}`);
  const columns = line
    .slice(line.indexOf(":") + 1)
    .trim()
    .split(/\s+/)
    .map(Number);
  return {
    received_bytes: columns[COLUMN.received_bytes] ?? 0,
    sent_bytes: columns[COLUMN.sent_bytes] ?? 0,
  };
}
