import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { NODE_MAJOR_MIN } from "infernet-runner/pack/node-version";
import { packRunner } from "infernet-runner/pack/pack-runner";
import { findOldestNode } from "../network/oldest-node.ts";
import { type Program, startCommand } from "../network/program.ts";
import { createTempFolder } from "../network/temp-folder.ts";
import type { BenchContext } from "./bench-part.ts";

/** One way to have the runner. */
export interface RunnerBuild {
  title: string;
  /** Absolute paths. */
  node: string;
  file: string;
}

const SOURCES = fileURLToPath(import.meta.resolve("infernet-runner/main"));

/** The published package on the oldest Node here and on this one, and the sources. */
export async function runnerBuilds({ cleanup }: Pick<BenchContext, "cleanup">): Promise<RunnerBuild[]> {
  // Inside the repository, or it would install an engine of its own.
  const { path, remove } = createTempFolder(join(dirname(dirname(SOURCES)), "node_modules"));
  cleanup.add(remove);
  const tarball = await packRunner(path);
  execFileSync("tar", ["xzf", tarball.path, "-C", path]);
  const packed = join(path, "package/dist/bin.js");
  const oldest = findOldestNode(NODE_MAJOR_MIN);
  return [
    { title: `package, Node ${oldest.version}`, node: join(oldest.bin, "node"), file: packed },
    { title: `package, Node ${process.versions.node}`, node: process.execPath, file: packed },
    { title: `sources, Node ${process.versions.node}`, node: process.execPath, file: SOURCES },
  ];
}

export interface BuildOptions {
  edgeUrl: string;
  home: string;
}

/** Starts it with one thread for each model. */
export function startBuild({ title, node, file }: RunnerBuild, { edgeUrl, home }: BuildOptions): Program {
  const args = ["start", "--json", "--threads", "1", "--edge", edgeUrl, "--home", home];
  return startCommand({ name: title, command: [node, file, ...args], env: process.env });
}
