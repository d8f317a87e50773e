import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { LIMITS } from "@infernet/schemas/limits";
import { z } from "zod";
import { EngineFailure } from "../engine-failure.ts";
import type { CallOptions } from "./container-cli.ts";
import type { ContainerEngine } from "./container-engine.ts";
import { type ContainerLabels, nameImage } from "./container-identity.ts";
import { openImageLedger } from "./image-ledger.ts";
import type { ImageSource } from "./image-source.ts";
import { isPrivateRegistry } from "./private-registry.ts";
import { renameArchive } from "./rename-archive.ts";
import { watchDisk } from "./watch-disk.ts";

const Inspected = z.object({
  Id: z.string().min(1),
  Os: z.string(),
  Architecture: z.string(),
  Size: z.number().default(0),
  Config: z.object({ Volumes: z.record(z.string(), z.unknown()).nullish() }).nullish(),
});
type Inspected = z.infer<typeof Inspected>;

export interface ImageStoreOptions {
  engine: ContainerEngine;
  labels: ContainerLabels;
  /** Where it is written down which images this runner brought here. */
  ledger: string;
  /** Whether images may come from registries of this machine's own network. */
  private_registries: boolean;
  images_max?: number;
  bytes_max?: number;
}

export interface ImageStore {
  /** Has the image on this machine and returns its id. Throws `EngineFailure`. */
  obtain(source: ImageSource): Promise<string>;
}

/** The images of models: brought here when they are needed, and removed again when others need the room. */
export function createImageStore(options: ImageStoreOptions): ImageStore {
  const { engine } = options;
  const { cli } = engine;
  const ledger = openImageLedger(options.ledger, {
    images_max: options.images_max ?? LIMITS.oci_images_kept_max,
    bytes_max: options.bytes_max ?? LIMITS.oci_images_kept_bytes_max,
  });

  const remove = (name: string): Promise<unknown> =>
    // In use, or gone: the next time, or never.
    cli.call(["rmi", name]).catch(() => undefined);

  async function inspect(name: string): Promise<Inspected | null> {
    const found = await cli.call(["image", "inspect", name]).catch(() => null);
    return found === null ? null : (z.array(Inspected).parse(JSON.parse(found))[0] ?? null);
  }

  async function bring(source: ImageSource, name: string): Promise<Inspected> {
    try {
      if (source.kind === "archive") await load(engine, source.file, name);
      else await pull(engine, source.reference);
    } catch (error) {
      await remove(name);
      throw explainMissing(source, error);
    }
    const image = await inspect(name);
    if (image) return image;
    throw new EngineFailure("model_unloadable", `${cli.name} took the image and does not have it`);
  }

  return {
    obtain: async (source) => {
      if (source.kind === "reference" && !options.private_registries && isPrivateRegistry(source.reference))
        throw new EngineFailure(
          "model_unloadable",
          `'${source.reference}' is of a registry in this machine's own network, which its owner has not allowed`,
        );
      const name = source.kind === "archive" ? nameImage(options.labels, source.sha256) : source.reference;
      const present = await inspect(name);
      // An image that its owner has here already is not ours to remove.
      const isOurs = present === null || source.kind === "archive" || (await ledger.has(name));
      const image = present ?? (await bring(source, name));
      try {
        assertRunnable(image, engine);
      } catch (error) {
        if (isOurs) await remove(name);
        throw error;
      }
      if (isOurs) for (const dropped of await ledger.use(name, image.Size)) await remove(dropped.name);
      return image.Id;
    },
  };
}

async function load(engine: ContainerEngine, file: string, name: string): Promise<void> {
  const stdin = Readable.from(renameArchive(createReadStream(file), name), { objectMode: false });
  const broken = new Promise<never>((_, reject) => stdin.once("error", reject));
  const loading = withinDisk(engine, ["load"], { stdin, timeout_ms: LIMITS.engine_load_ms_max });
  // What is wrong with the archive explains more than what the program says of half of it.
  await Promise.race([loading, broken]).finally(() => loading.catch(() => undefined));
}

const pull = (engine: ContainerEngine, reference: string): Promise<void> =>
  withinDisk(engine, ["pull", "--quiet", reference], { timeout_ms: LIMITS.oci_pull_ms_max });

async function withinDisk(
  { cli, storage }: ContainerEngine,
  args: readonly string[],
  options: CallOptions,
): Promise<void> {
  const disk = await watchDisk(storage, LIMITS.oci_image_bytes_max);
  try {
    await cli.call(args, { ...options, signal: disk.signal });
  } catch (error) {
    throw disk.signal.aborted ? disk.signal.reason : error;
  } finally {
    disk.stop();
  }
}

/** Throws where the image is not for this machine, or asks for what no model gets. */
function assertRunnable({ Os, Architecture, Size, Config }: Inspected, { os, arch }: ContainerEngine): void {
  const refuse = (detail: string): never => {
    throw new EngineFailure("model_unloadable", detail);
  };
  if (Os !== os || Architecture !== arch)
    refuse(`the image is made for ${Os}/${Architecture}; this machine runs ${os}/${arch}`);
  if (Size > LIMITS.oci_image_bytes_max)
    refuse(`the image has ${Size} bytes; an image may have ${LIMITS.oci_image_bytes_max}`);
  const volumes = Object.keys(Config?.Volumes ?? {});
  if (volumes.length > 0)
    refuse(
      `the image declares volumes (${volumes.join(", ")}), which would be written to this machine's disk`,
    );
}

function explainMissing(source: ImageSource, error: unknown): EngineFailure {
  const detail = error instanceof Error ? error.message : String(error);
  if (source.kind === "archive")
    return new EngineFailure("model_unloadable", `the image archive cannot be loaded: ${detail}`, {
      cause: error,
    });
  return new EngineFailure(
    "fetch_failed",
    `'${source.reference}' cannot be pulled; an archive in its place needs no registry. ${detail}`,
    { cause: error },
  );
}
