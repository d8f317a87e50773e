import { InfernetError } from "@infernet/schemas/errors";
import type { ModelManifest } from "@infernet/schemas/model";
import type { BlobStore } from "../blobs/blob-store.ts";

/** Throws `model_file_missing` unless every file of the model is a stored blob of the stated size. */
export async function assertFilesStored(store: BlobStore, manifest: ModelManifest): Promise<void> {
  const stored = await Promise.all(manifest.files.map((file) => store.head(file.sha256)));
  const errors = manifest.files.flatMap((file, i) => {
    const found = stored[i] ?? null;
    if (found?.bytes === file.bytes) return [];
    return [
      {
        pointer: `/manifest/files/${i}`,
        detail: found
          ? `${file.path} has ${found.bytes} bytes, not ${file.bytes}`
          : `${file.path} is not uploaded: PUT /blobs/${file.sha256}`,
      },
    ];
  });
  const [first] = errors;
  if (first) throw new InfernetError("model_file_missing", first.detail, { errors });
}
