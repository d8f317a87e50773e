import { CONTAINER_CLIS, type ContainerCli } from "./container-cli.ts";
import { findContainerEngine } from "./container-engine.ts";
import { type ContainerLabels, HOME_LABEL, imageRepository, labelContainers } from "./container-identity.ts";
import { readImageNames } from "./image-ledger.ts";

/**
 * Takes away what the runner of a home has brought to this machine's container engines, whichever it used: its images, and
 * containers that are left. It must not be running.
 */
export async function removeTraces(home: string): Promise<void> {
  const labels = await labelContainers(home);
  const images = await readImageNames(home);
  for (const name of CONTAINER_CLIS) {
    const search = await findContainerEngine([name]);
    if ("found" in search) await removeFrom(search.found.cli, labels, images);
  }
}

async function removeFrom(
  cli: ContainerCli,
  labels: ContainerLabels,
  images: readonly string[],
): Promise<void> {
  const label = `label=${HOME_LABEL}=${labels[HOME_LABEL]}`;
  const containers = await list(cli, ["ps", "--all", "--quiet", "--filter", label]);
  // A start that was cut off may have left the image that it tried runtimes with.
  const repository = imageRepository(labels);
  const format = ["--format", "{{.Repository}}:{{.Tag}}"];
  const named = await list(cli, ["images", "--filter", `reference=${repository}`, ...format]);
  // An image that others have names for comes with all of them.
  const own = named.filter((name) => name.startsWith(`${repository}:`));
  // What is gone, or somebody else's as well, stays as it is.
  for (const id of containers) await cli.call(["rm", "--force", id]).catch(() => undefined);
  for (const image of new Set([...images, ...own])) await cli.call(["rmi", image]).catch(() => undefined);
}

const list = async (cli: ContainerCli, args: readonly string[]): Promise<string[]> =>
  (await cli.call(args)).split("\n").filter((line) => line !== "");
