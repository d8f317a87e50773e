import { createHash } from "node:crypto";
import { TAR_END, writeTarFile } from "./tar-entry.ts";

export interface ImageFile {
  path: string;
  data: Uint8Array;
  mode?: number;
}

export interface ImageContents {
  /** In Go's words, as in `linux` and `amd64`. */
  os: string;
  arch: string;
  files: readonly ImageFile[];
  entrypoint: readonly string[];
  /** Name in the archive, which nothing here goes by. */
  name: string;
  /** Further fields of the image's `config`. */
  config?: Readonly<Record<string, unknown>>;
}

const hex = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

/** An image of one layer in the form that `docker save` writes: https://github.com/moby/docker-image-spec (v1.2). */
export function buildImageArchive({ os, arch, files, entrypoint, name, config = {} }: ImageContents): Buffer {
  const layer = Buffer.concat([
    ...files.map(({ path, data, mode }) => writeTarFile(path, data, mode)),
    TAR_END,
  ]);
  const image = json({
    architecture: arch,
    os,
    config: { Entrypoint: entrypoint, ...config },
    rootfs: { type: "layers", diff_ids: [`sha256:${hex(layer)}`] },
    history: [{ created: "1970-01-01T00:00:00Z" }],
  });
  const manifest = [{ Config: `${hex(image)}.json`, RepoTags: [name], Layers: ["layer.tar"] }];
  return Buffer.concat([
    writeTarFile("layer.tar", layer),
    writeTarFile(`${hex(image)}.json`, image),
    writeTarFile("manifest.json", json(manifest)),
    TAR_END,
  ]);
}
