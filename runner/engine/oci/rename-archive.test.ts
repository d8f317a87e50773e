import { expect, it } from "vitest";
import { buildImageArchive } from "./image-archive.ts";
import { renameArchive } from "./rename-archive.ts";
import { readTarHeader, TAR_BLOCK_BYTES, TAR_END, writeTarFile } from "./tar-entry.ts";

const OURS = "infernet.local/model:1";
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const image = { Config: "c.json", RepoTags: ["docker.io/library/postgres:17"], Layers: ["layer.tar"] };
const descriptor = { mediaType: "application/vnd.oci.image.manifest.v1+json", digest: "sha256:1", size: 1 };

async function renamed(archive: Buffer, piece = archive.length): Promise<Buffer> {
  const pieces = async function* () {
    for (let at = 0; at < archive.length; at += piece) yield archive.subarray(at, at + piece);
  };
  const parts: Buffer[] = [];
  for await (const part of renameArchive(pieces(), OURS)) parts.push(part);
  return Buffer.concat(parts);
}

/** The files of an archive, by name. */
function filesOf(archive: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (let at = 0; ; ) {
    const entry = readTarHeader(archive.subarray(at, at + TAR_BLOCK_BYTES));
    if (entry === null) return files;
    const start = at + TAR_BLOCK_BYTES;
    files.set(entry.name, archive.subarray(start, start + entry.size));
    at = start + Math.ceil(entry.size / TAR_BLOCK_BYTES) * TAR_BLOCK_BYTES;
  }
}

/** The same entry as something other than a file. */
function ofType(type: string, entry: Buffer): Buffer {
  const header = Buffer.from(entry);
  header.write(type, 156);
  header.write("        ", 148);
  const sum = header.subarray(0, TAR_BLOCK_BYTES).reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

it("gives the image our name, and nothing else of it another", async () => {
  const archive = buildImageArchive({
    os: "linux",
    arch: "amd64",
    files: [],
    entrypoint: ["/x"],
    name: "ubuntu:1",
  });
  const before = filesOf(archive);
  for (const piece of [archive.length, 700, 1]) {
    const after = filesOf(await renamed(archive, piece));
    expect([...after.keys()]).toEqual([...before.keys()]);
    expect(JSON.parse(String(after.get("manifest.json")))).toMatchObject([{ RepoTags: [OURS] }]);
    expect(after.get("layer.tar")).toEqual(before.get("layer.tar"));
  }
});

it("names the image of an OCI layout too, and leaves Docker's old list of names out", async () => {
  const archive = Buffer.concat([
    writeTarFile(
      "./index.json",
      json({ schemaVersion: 2, manifests: [{ ...descriptor, annotations: { a: "b" } }] }),
    ),
    writeTarFile("manifest.json", json([image])),
    writeTarFile("repositories", json({ "docker.io/library/postgres": { 17: "1" } })),
    TAR_END,
  ]);
  const files = filesOf(await renamed(archive));
  expect([...files.keys()]).toEqual(["index.json", "manifest.json"]);
  const [first] = JSON.parse(String(files.get("index.json"))).manifests;
  expect(first.annotations).toEqual({
    "org.opencontainers.image.ref.name": OURS,
    "io.containerd.image.name": OURS,
  });
});

it.each([
  ["two images", [writeTarFile("manifest.json", json([image, image]))], /exactly one image/],
  ["no image", [writeTarFile("index.json", json({ manifests: [] }))], /exactly one image/],
  ["a manifest that is no JSON", [writeTarFile("manifest.json", Buffer.from("{"))], /is not JSON/],
  [
    "no manifest",
    [writeTarFile("layer.tar", Buffer.alloc(3))],
    /neither a manifest\.json nor an index\.json/,
  ],
  ["a manifest that is a link", [ofType("2", writeTarFile("manifest.json", Buffer.alloc(0)))], /is no file/],
  [
    "a header that renames the next entry",
    [ofType("x", writeTarFile("pax", Buffer.alloc(9)))],
    /of the kind 'x'/,
  ],
  ["a name of more than a header's length", [ofType("L", writeTarFile("@LongLink", Buffer.alloc(9)))], /'L'/],
  ["a damaged header", [writeTarFile("layer.tar", Buffer.alloc(3)).fill(7, 0, 50)], /damaged/],
])("refuses an archive with %s", async (_what, entries, reason) => {
  await expect(renamed(Buffer.concat([...entries, TAR_END]))).rejects.toThrow(reason);
});
