import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { z } from "zod";

/** Goes into the program before its own code, in whatever Node runs it; two collections, for what the first lets go of. */
const PROBE = `
  process.on("message", async () => {
    for (let i = 0; i < 2; i++) { gc(); await new Promise((resolve) => setTimeout(resolve, 50)); }
    const { heapUsed, external } = process.memoryUsage();
    process.send(heapUsed + external);
  });
  process.channel.unref();
`;
const FLAGS = ["--expose-gc", "--import", `data:text/javascript,${encodeURIComponent(PROBE)}`];
const Bytes = z.int().min(1);

/** A Node program that can be asked what it holds on to. */
export interface Probed {
  process: ChildProcess;
  /** What is left after garbage collection: V8's heap, and the buffers that it holds outside of it. */
  heapBytes(): Promise<number>;
}

export function startProbed(node: string, file: string, args: readonly string[]): Probed {
  const child = spawn(node, [...FLAGS, file, ...args], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  return {
    process: child,
    heapBytes: async () => {
      child.send("heap");
      const [bytes] = await once(child, "message");
      return Bytes.parse(bytes);
    },
  };
}
