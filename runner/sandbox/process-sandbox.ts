import { childEnvironment } from "./child-environment.ts";
import { codeFolders } from "./code-folders.ts";
import { permissionFlags } from "./permission-flags.ts";
import type { Sandbox } from "./sandbox.ts";
import { limitedCommand } from "./shell-limits.ts";
import { spawnChild } from "./spawn-child.ts";

/**
 * A child process with limits of the kernel and Node's permission model: JavaScript in it reads only its own files, and
 * nothing in it writes to a file or exceeds its memory. Native code in it still reads and connects as the runner's user can.
 *
 * @param node_data_bytes what Node itself maps for writing before it runs anything: it comes on top of a program's memory
 */
export function createProcessSandbox(node_data_bytes: number): Sandbox {
  return {
    level: "process",
    launch: ({ entry, reads, gpu, memory_bytes_max, env }) => {
      const flags = permissionFlags(process.allowedNodeEnvironmentFlags, codeFolders(entry), reads);
      const data_bytes_max = memory_bytes_max === null ? null : node_data_bytes + memory_bytes_max;
      const command = limitedCommand([process.execPath, ...flags, entry], { data_bytes_max, gpu });
      return spawnChild(command, childEnvironment(process.env, env));
    },
  };
}
