import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { sha256 } from "@infernet/schemas/digest";
import { ModelManifest } from "@infernet/schemas/model";
import type { Tensor } from "@infernet/schemas/tensor";
import type { EngineModel } from "../../engine-contract.ts";
import { buildImageArchive, type ImageContents } from "../image-archive.ts";

const SOURCE = fileURLToPath(new URL("./rows.c", import.meta.url));
const run = promisify(execFile);

/** Compiles `rows.c`, which needs nothing of an image. Null where no compiler with static libraries is there. */
export async function compileRows(dir: string): Promise<Uint8Array | null> {
  const program = join(dir, "rows");
  for (const compiler of ["cc", "clang"]) {
    try {
      await run(compiler, ["-O1", "-static", "-w", "-o", program, SOURCE]);
      return await readFile(program);
    } catch {
      // The next one may be there.
    }
  }
  return null;
}

/** In Go's words. */
export const HOST_ARCH = process.arch === "x64" ? "amd64" : process.arch;

/** An image whose program does what `behaviour` names, as a model of one file. */
export async function imageModel(
  dir: string,
  program: Uint8Array,
  behaviour: string,
  change: Partial<ImageContents> & { manifest?: Partial<ModelManifest> } = {},
): Promise<EngineModel> {
  const { manifest, ...contents } = change;
  const isServer = manifest?.oci?.transport.kind === "http";
  const archive = buildImageArchive({
    os: "linux",
    arch: HOST_ARCH,
    files: [{ path: "rows", data: program, mode: 0o755 }],
    entrypoint: ["/rows", behaviour, ...(isServer ? ["http"] : [])],
    // A name that somebody else's image may have: nothing may come to bear it.
    name: "docker.io/library/alpine:latest",
    ...contents,
  });
  return fileModel(dir, `${behaviour}-${isServer ? "http" : "stdio"}.tar`, new Uint8Array(archive), manifest);
}

/** A model whose entry holds these bytes, image or not. */
export async function fileModel(
  dir: string,
  entry: string,
  bytes: Uint8Array<ArrayBuffer>,
  change: Partial<ModelManifest> = {},
): Promise<EngineModel> {
  await writeFile(join(dir, entry), bytes);
  const manifest = ModelManifest.parse({
    engine: "oci",
    entry,
    files: [{ path: entry, sha256: await sha256(bytes), bytes: bytes.length }],
    inputs: [{ name: "x", datatype: "FP32", shape: [null, 2] }],
    outputs: [{ name: "y", datatype: "FP32", shape: [null, 2] }],
    memory_bytes: 64 * 1024 ** 2,
    ...change,
  });
  return { manifest, dir, inputs: rowsOfTwo };
}

export const rowsOfTwo = (rows: number): Tensor[] => {
  const data = new Uint8Array(Float32Array.from({ length: rows * 2 }, (_, i) => i / 7).buffer);
  return [{ name: "x", datatype: "FP32", shape: [rows, 2], data }];
};
