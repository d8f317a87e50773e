import { z } from "zod";
import { padded, readTarHeader, TAR_BLOCK_BYTES, TAR_END, type TarEntry, writeTarFile } from "./tar-entry.ts";

/** The file is no archive of one image: the message says what it is instead. */
class ArchiveUnusable extends Error {}

const DockerManifest = z.tuple([z.looseObject({ Config: z.string(), Layers: z.array(z.string()) })]);
const OciIndex = z.looseObject({ manifests: z.tuple([z.looseObject({ digest: z.string() })]) });

/** What names the images of an archive: in that of `docker save`, in an OCI layout, and in Docker's of long ago. */
const NAMING = ["manifest.json", "index.json", "repositories"] as const;
const NAMING_BYTES_MAX = 1024 * 1024;

/**
 * The same archive with its one image under `name` and no other. An archive is a stranger's: loaded as it is, it could
 * give its image the name of one that this machine uses for something else.
 *
 * @param source the archive's bytes, in pieces of any size
 * @param name repository and tag
 */
export async function* renameArchive(source: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  const blocks = new BlockReader(source);
  let isNamed = false;
  try {
    for (;;) {
      const header = await blocks.take(TAR_BLOCK_BYTES);
      const entry = header.length === 0 ? null : readTarHeader(header);
      if (entry === null) break;
      const naming = namingOf(entry);
      if (naming === null) {
        yield header;
        yield* blocks.pass(padded(entry.size));
        continue;
      }
      if (entry.size > NAMING_BYTES_MAX) throw new ArchiveUnusable(`its ${naming} has ${entry.size} bytes`);
      const bytes = (await blocks.take(padded(entry.size))).subarray(0, entry.size);
      if (naming === "repositories") continue;
      isNamed = true;
      yield writeTarFile(naming, rename(naming, bytes, name));
    }
  } catch (error) {
    if (error instanceof RangeError) throw new ArchiveUnusable(error.message, { cause: error });
    throw error;
  }
  if (!isNamed) throw new ArchiveUnusable("it has neither a manifest.json nor an index.json");
  yield TAR_END;
}

/** Which of the naming files an entry is. Throws where one could stand in its place unseen. */
function namingOf({ name, type }: TarEntry): (typeof NAMING)[number] | null {
  const path = name.replace(/^(\.?\/)+/, "").toLowerCase();
  const naming = NAMING.find((file) => file === path) ?? null;
  switch (type) {
    case "0":
    case "":
      return naming;
    case "1":
    case "2":
    case "5":
      if (naming === null) return null;
      throw new ArchiveUnusable(`its ${naming} is no file`);
    default:
      // Among them headers that give the next entry another name.
      throw new ArchiveUnusable(
        `'${name}' is an entry of the kind '${type}', which images are not saved with`,
      );
  }
}

function rename(naming: "manifest.json" | "index.json", bytes: Uint8Array, name: string): Buffer {
  const value = parseJson(naming, bytes);
  if (naming === "manifest.json") {
    const manifest = DockerManifest.safeParse(value);
    if (!manifest.success) throw new ArchiveUnusable(`its ${naming} does not describe exactly one image`);
    return Buffer.from(JSON.stringify([{ ...manifest.data[0], RepoTags: [name] }]));
  }
  const index = OciIndex.safeParse(value);
  if (!index.success) throw new ArchiveUnusable(`its ${naming} does not describe exactly one image`);
  const annotations = { "org.opencontainers.image.ref.name": name, "io.containerd.image.name": name };
  return Buffer.from(
    JSON.stringify({ ...index.data, manifests: [{ ...index.data.manifests[0], annotations }] }),
  );
}

function parseJson(naming: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new ArchiveUnusable(`its ${naming} is not JSON`, { cause: error });
  }
}

/** Takes runs of bytes from pieces of any size. */
class BlockReader {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** `count` bytes; none where the source has ended. */
  async take(count: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of this.pass(count, true)) parts.push(part);
    return Buffer.concat(parts);
  }

  /** The next `count` bytes in pieces. */
  async *pass(count: number, mayEnd = false): AsyncGenerator<Buffer> {
    for (let passed = 0; passed < count; ) {
      if (this.#rest.length === 0) {
        const { done, value } = await this.#source.next();
        if (done && mayEnd && passed === 0) return;
        if (done) throw new RangeError("it ends in the middle");
        this.#rest = value;
      }
      const part = this.#rest.subarray(0, count - passed);
      this.#rest = this.#rest.subarray(part.length);
      passed += part.length;
      yield part;
    }
  }
}
