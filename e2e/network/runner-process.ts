import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { RunnerId } from "@infernet/schemas/ids";
import { type Program, type ProgramOptions, startProgram } from "./program.ts";

export interface RunnerProcess {
  name: string;
  id: RunnerId;
  home: string;
  program: Program;
}

export interface RunnerOptions {
  edgeUrl: string;
  name: string;
  /** Folder of the homes of all runners; this one's is named after it. */
  folder: string;
  /** A runner of the fixtures in place of `infernet-runner`; takes the same arguments. */
  file?: string;
  /** Further arguments of `start`. */
  args?: readonly string[];
  environment?: Record<string, string>;
  /** How a program is started on the machine that it is to run on; without it, here. */
  start?: (options: ProgramOptions) => Program;
}

const RUNNER = fileURLToPath(import.meta.resolve("infernet-runner/main"));

/** Starts a runner as `npx infernet-runner start` does, and waits until the edge knows it. */
export async function startRunner(options: RunnerOptions): Promise<RunnerProcess> {
  const home = join(options.folder, options.name);
  const { start = startProgram } = options;
  const program = start({
    name: options.name,
    file: options.file ?? RUNNER,
    args: [
      ...["start", "--json", "--threads", "1"],
      ...["--edge", options.edgeUrl, "--home", home, "--name", options.name],
      ...(options.args ?? []),
    ],
    // Trying containers takes each start a second; tests of containers switch them on. Of many runners on one machine only
    // one has the port that metrics are on by default.
    environment: {
      INFERNET_CONTAINERS_ENGINE: "off",
      INFERNET_METRICS_PORT: "0",
      ...options.environment,
    },
  });
  const { id } = await program.waitFor("started");
  await program.waitFor("registered");
  return { name: options.name, id: RunnerId.parse(id), home, program };
}
