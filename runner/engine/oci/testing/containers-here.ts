import { join } from "node:path";
import type { Engine } from "../../engine.ts";
import { EngineMissing } from "../../engine-missing.ts";
import { openOci } from "../open-oci.ts";
import type { ContainerLevel } from "../runtime-candidates.ts";
import { compileRows } from "./test-image.ts";

/** What tests of containers need of the machine, or why they are skipped. */
export interface ContainersHere {
  /** Null where they run. */
  skip: string | null;
  /** What does not work here, and why. */
  reasons: string;
  home: string;
  program: Uint8Array;
  /** Throws where the level cannot be had. */
  engine(level: ContainerLevel): Engine;
  has(level: ContainerLevel): boolean;
}

export async function containersHere(dir: string): Promise<ContainersHere> {
  const engines = new Map<ContainerLevel, Engine>();
  const reasons: string[] = [];
  const home = join(dir, "home");
  const open = async (level: ContainerLevel): Promise<void> => {
    try {
      const [engine] = await openOci({ home, threads: 1, memory_bytes_max: null, levels: [level] });
      if (engine) engines.set(level, engine);
    } catch (error) {
      if (!(error instanceof EngineMissing)) throw error;
      reasons.push(error.message);
    }
  };
  await Promise.all([open("oci"), open("gvisor")]);
  const program = await compileRows(dir);
  if (program === null) reasons.unshift("there is no C compiler that links statically");
  const isUsable = program !== null && engines.has("oci");
  return {
    home,
    reasons: reasons.join("; "),
    skip: isUsable ? null : reasons.join("; "),
    program: program ?? new Uint8Array(),
    has: (level) => engines.has(level),
    engine: (level) => {
      const engine = engines.get(level);
      if (engine === undefined) throw new Error(`no container runs at the level ${level}`);
      return engine;
    },
  };
}
