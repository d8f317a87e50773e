import { createHash, randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { markProcess, type ProcessMark } from "../../identity/process-mark.ts";

/** Says which runner's a container is, and which of its processes started it. */
export const HOME_LABEL = "org.infernet.home";
export const PROCESS_LABEL = "org.infernet.process";

export type ContainerLabels = Readonly<Record<typeof HOME_LABEL | typeof PROCESS_LABEL, string>>;

/** The labels of this process's containers. */
export async function labelContainers(home: string): Promise<ContainerLabels> {
  return {
    [HOME_LABEL]: createHash("sha256").update(resolve(home)).digest("hex").slice(0, 16),
    [PROCESS_LABEL]: renderMark(await markProcess(process.pid)),
  };
}

const renderMark = ({ pid, started }: ProcessMark): string => `${pid}.${started ?? ""}`;

export function parseMark(label: string): ProcessMark | null {
  const [, pid, started] = /^(\d+)\.(\d*)$/.exec(label) ?? [];
  return pid === undefined ? null : { pid: Number(pid), started: started || null };
}

/**
 * What a runner calls an image: a name of its own even where another on the machine has the same one, so that each can
 * give up its name without taking the image from the other.
 */
export const nameImage = (labels: ContainerLabels, tag: string): string =>
  `${imageRepository(labels)}:${tag}`;

export const imageRepository = (labels: ContainerLabels): string => `infernet.local/${labels[HOME_LABEL]}`;

let made = 0;

/** A name for one container of this process, which nothing else on the machine has. */
export const nextContainerName = (): string =>
  `infernet-${process.pid}-${made++}-${randomBytes(3).toString("hex")}`;
