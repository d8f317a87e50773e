import { z } from "zod";
import {
  CONTAINER_CLIS,
  type ContainerCli,
  type ContainerCliName,
  createContainerCli,
} from "./container-cli.ts";

/** A container engine that answered. */
export interface ContainerEngine {
  readonly cli: ContainerCli;
  readonly version: string;
  /** What its images have to be made for, in Go's words: `linux`, `amd64`. */
  readonly os: string;
  readonly arch: string;
  /** Where it keeps images; null where it does not say, or where that is another machine. */
  readonly storage: string | null;
  /** Runtimes that it knows by name, where it tells. */
  readonly runtimes: readonly string[];
}

const PodmanInfo = z.object({
  host: z.object({ arch: z.string(), os: z.string() }),
  store: z.object({ graphRoot: z.string() }),
  version: z.object({ Version: z.string() }),
});

/** nerdctl answers in docker's words. */
const DockerInfo = z.object({
  ServerVersion: z.string().min(1),
  OSType: z.string(),
  Architecture: z.string(),
  DockerRootDir: z.string().optional(),
  Runtimes: z.record(z.string(), z.unknown()).nullish(),
});

export type EngineSearch =
  | { found: ContainerEngine }
  | { tried: { name: ContainerCliName; reason: string }[] };

/** The first container engine that answers, of those asked for. */
export async function findContainerEngine(
  names: readonly ContainerCliName[] = CONTAINER_CLIS,
): Promise<EngineSearch> {
  const tried: { name: ContainerCliName; reason: string }[] = [];
  for (const name of names) {
    try {
      return { found: await askEngine(createContainerCli(name)) };
    } catch (error) {
      tried.push({ name, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { tried };
}

async function askEngine(cli: ContainerCli): Promise<ContainerEngine> {
  if (cli.name === "podman") {
    const info = PodmanInfo.parse(JSON.parse(await cli.call(["info", "--format", "json"])));
    const { arch, os } = info.host;
    return { cli, version: info.version.Version, os, arch, storage: info.store.graphRoot, runtimes: [] };
  }
  const info = DockerInfo.parse(JSON.parse(await cli.call(["info", "--format", "{{json .}}"])));
  return {
    cli,
    version: info.ServerVersion,
    os: info.OSType,
    arch: GO_ARCH[info.Architecture] ?? info.Architecture,
    storage: info.DockerRootDir ?? null,
    runtimes: Object.keys(info.Runtimes ?? {}),
  };
}

const GO_ARCH: Readonly<Record<string, string>> = { x86_64: "amd64", aarch64: "arm64" };
