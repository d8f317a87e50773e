import { isRunning } from "../../identity/process-mark.ts";
import type { ContainerCli } from "./container-cli.ts";
import { type ContainerLabels, HOME_LABEL, PROCESS_LABEL, parseMark } from "./container-identity.ts";

/** Ends the containers of runners that lived in this home and are gone. One that is still alive keeps its own. */
export async function sweepContainers(cli: ContainerCli, labels: ContainerLabels): Promise<void> {
  const filter = `label=${HOME_LABEL}=${labels[HOME_LABEL]}`;
  const ids = lines(await cli.call(["ps", "--all", "--quiet", "--no-trunc", "--filter", filter]));
  for (const id of ids) {
    const label = await cli
      .call(["container", "inspect", "--format", `{{index .Config.Labels "${PROCESS_LABEL}"}}`, id])
      .catch(() => "");
    const mark = parseMark(label);
    if (mark !== null && !(await isRunning(mark)))
      await cli.call(["rm", "--force", id]).catch(() => undefined);
  }
}

const lines = (text: string): string[] => text.split("\n").filter((line) => line !== "");
