import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Sha256 } from "@infernet/schemas/digest";
import type { ModelManifest } from "@infernet/schemas/model";
import { EngineFailure } from "../engine-failure.ts";
import { isTarHeader, TAR_BLOCK_BYTES } from "./tar-entry.ts";

/** Where a model's image comes from. Both are pinned: the archive by the sha256 of its file, the other by its own. */
export type ImageSource =
  | { kind: "archive"; file: string; sha256: Sha256 }
  | { kind: "reference"; reference: string };

/** Registry, repository and digest: a tag besides would say nothing. */
const PINNED = /^[a-z0-9][A-Za-z0-9.:_/-]{0,400}@sha256:[0-9a-f]{64}$/;
const REFERENCE_BYTES_MAX = 512;

/** What the entry file of a manifest is. Throws `model_unloadable` with the way out. */
export async function readImageSource(
  { entry, files }: Pick<ModelManifest, "entry" | "files">,
  dir: string,
): Promise<ImageSource> {
  const file = join(dir, entry);
  const { head, size } = await readHead(file);
  const pinned = files.find(({ path }) => path === entry);
  if (isTarHeader(head) && pinned) return { kind: "archive", file, sha256: pinned.sha256 };
  return { kind: "reference", reference: parseReference(entry, head, size) };
}

function parseReference(entry: string, head: Buffer, size: number): string {
  if (head[0] === 0x1f && head[1] === 0x8b)
    throw refuse(
      `'${entry}' is compressed; give the archive as \`podman save\` writes it, without gzip around it`,
    );
  const text = head.toString("utf8").trim();
  if (size <= REFERENCE_BYTES_MAX && PINNED.test(text)) return assertRegistry(text);
  if (size <= REFERENCE_BYTES_MAX && /^[\w.:/-]+(@\S*)?$/.test(text))
    throw refuse(
      `'${text}' names an image without its digest, and names can be moved; write name@sha256:… as \`podman inspect --format '{{.RepoDigests}}'\` shows it`,
    );
  throw refuse(
    `'${entry}' is neither an image archive, as \`podman save\` writes it, nor a text that names an image by its digest`,
  );
}

/** The registry stands in front: short names mean another one on another machine. */
function assertRegistry(reference: string): string {
  const [host = "", ...path] = reference.split("/");
  if (path.length > 0 && /[.:]/.test(host)) return reference;
  throw refuse(
    `'${reference}' does not say which registry it is of; write docker.io/library/… or another in front`,
  );
}

const refuse = (detail: string): EngineFailure => new EngineFailure("model_unloadable", detail);

async function readHead(file: string): Promise<{ head: Buffer; size: number }> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(TAR_BLOCK_BYTES), 0, TAR_BLOCK_BYTES, 0);
    return { head: buffer.subarray(0, bytesRead), size };
  } finally {
    await handle.close();
  }
}
