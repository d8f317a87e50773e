import { CONTAINER_CLIS, type ContainerCli } from "./container-cli.ts";
import { findContainerEngine } from "./container-engine.ts";
import { HOME_LABEL, labelContainers } from "./container-identity.ts";
import { readImageNames } from "./image-ledger.ts";

/**
 * Takes away what the runner of a home has brought to this machine's container engines, whichever it used: its images, and
 * containers that are left. It must not be running.
 */
export async function removeTraces(home: string): Promise<void> {
  const label = `${HOME_LABEL}=${(await labelContainers(home))[HOME_LABEL]}`;
  const images = await readImageNames(home);
  for (const name of CONTAINER_CLIS) {
    const search = await findContainerEngine([name]);
    if ("found" in search) await removeFrom(search.found.cli, label, images);
  }
}

async function removeFrom(cli: ContainerCli, label: string, images: readonly string[]): Promise<void> {
  const listed = await cli.call(["ps", "--all", "--quiet", "--filter", `label=${label}`]);
  const containers = listed.split("\n").filter((line) => line !== "");
  // What is gone, or somebody else's as well, stays as it is.
  for (const id of containers) await cli.call(["rm", "--force", id]).catch(() => undefined);
  for (const image of images) await cli.call(["rmi", image]).catch(() => undefined);
}
