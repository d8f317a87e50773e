import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Cleanup } from "../cleanup.ts";
import { startLine } from "../start-line.ts";
import { createTempFolder } from "../temp-folder.ts";
import type { LabMachine } from "./lab.ts";

const GATE = fileURLToPath(new URL("./run-gate.ts", import.meta.url));

/** A URL on this machine's loopback that leads to a port of a machine of the lab. */
export async function openGate(machine: LabMachine, port: number, cleanup: Cleanup): Promise<string> {
  const folder = createTempFolder();
  cleanup.add(folder.remove);
  const path = join(folder.path, "gate");
  const gate = machine.start({
    name: `gate to ${machine.name}`,
    file: GATE,
    args: ["--socket", path, "--host", machine.inside, "--port", String(port)],
  });
  cleanup.add(gate.kill);
  await gate.waitFor("listening");
  const line = await startLine({ path }, (from, to) => from.pipe(to));
  cleanup.add(line.close);
  return line.url;
}
