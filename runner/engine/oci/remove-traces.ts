import { findContainerEngine } from "./container-engine.ts";
import { HOME_LABEL, labelContainers } from "./container-identity.ts";
import { readImageNames } from "./image-ledger.ts";

/**
 * Takes away what the runner of a home has brought to this machine's container engine: its images, and what containers are
 * left. Returns how many of each. It must not be running.
 */
export async function removeTraces(home: string): Promise<{ containers: number; images: number }> {
  const search = await findContainerEngine();
  if (!("found" in search)) return { containers: 0, images: 0 };
  const { cli } = search.found;
  const remove = async (args: readonly string[]): Promise<number> =>
    cli.call(args).then(
      () => 1,
      // Gone, or in use by somebody else.
      () => 0,
    );
  const label = `${HOME_LABEL}=${(await labelContainers(home))[HOME_LABEL]}`;
  const listed = await cli.call(["ps", "--all", "--quiet", "--filter", `label=${label}`]);
  let containers = 0;
  for (const id of listed.split("\n").filter((line) => line !== ""))
    containers += await remove(["rm", "--force", id]);
  let images = 0;
  for (const name of await readImageNames(home)) images += await remove(["rmi", name]);
  return { containers, images };
}
