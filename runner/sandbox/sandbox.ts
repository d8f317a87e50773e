import type { ChildProcess } from "node:child_process";
import type { SandboxLevel } from "@infernet/schemas/sandbox";

/** A program of this package that runs strangers' models: it is trusted to start, and with nothing afterwards. */
export interface ChildProgram {
  /** Absolute path of the module that Node runs. */
  entry: string;
  /** Absolute paths that it may read besides its own code: the folder of the model's files. */
  reads: readonly string[];
  /** Whether it may open the machine's GPUs. */
  gpu: boolean;
  /** Most bytes of memory that it may write to, besides what Node itself takes; null where only the machine limits it. */
  memory_bytes_max: number | null;
  /** Added to what a loader and a driver need of the operator's environment, which is all it gets of it. */
  env: Readonly<Record<string, string>>;
}

/** A way to start a child that this machine has: the level says what it holds the child to. */
export interface Sandbox {
  readonly level: SandboxLevel;
  /** The child has an IPC channel in the advanced serialization, and an error stream that whoever starts it must read. */
  launch(program: ChildProgram): ChildProcess;
}
