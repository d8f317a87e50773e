import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createContainerCli } from "./container-cli.ts";
import { type ContainerEngine, findContainerEngine } from "./container-engine.ts";
import { labelContainers, nameImage } from "./container-identity.ts";
import { readImageNames } from "./image-ledger.ts";
import { readImageSource } from "./image-source.ts";
import { createImageStore, type ImageStore } from "./image-store.ts";
import { removeTraces } from "./remove-traces.ts";
import { TAR_END, writeTarFile } from "./tar-entry.ts";
import { serveImage, type TestRegistry } from "./testing/registry.ts";
import { fileModel, HOST_ARCH, imageModel } from "./testing/test-image.ts";

const dir = await mkdtemp(join(tmpdir(), "infernet-images-"));
const search = await findContainerEngine(["podman"]);
const skip = "found" in search ? null : search.tried.map(({ reason }) => reason).join("; ");
const labels = await labelContainers(dir);
const PROGRAM = new TextEncoder().encode("no program");

let registry: TestRegistry;
beforeAll(async () => {
  const layer = Buffer.concat([writeTarFile("rows", PROGRAM), TAR_END]);
  registry = await serveImage(layer, HOST_ARCH, ["/rows"]);
  // What an operator sets up for a registry of their own that has no certificate.
  const settings = `[[registry]]\nlocation = "${registry.host}"\ninsecure = true\n`;
  await writeFile(join(dir, "registries.conf"), settings);
  process.env.CONTAINERS_REGISTRIES_CONF = join(dir, "registries.conf");
});
afterAll(async () => {
  await removeTraces(dir);
  await registry.close();
  delete process.env.CONTAINERS_REGISTRIES_CONF;
  await rm(dir, { recursive: true, force: true });
});

function store(limits: { images_max?: number; private_registries?: boolean } = {}): ImageStore {
  const engine = "found" in search ? search.found : (null as unknown as ContainerEngine);
  return createImageStore({
    engine,
    labels,
    ledger: join(dir, "images.json"),
    private_registries: true,
    ...limits,
  });
}

async function obtain(images: ImageStore, manifest: Parameters<typeof readImageSource>[0]): Promise<string> {
  return images.obtain(await readImageSource(manifest, dir));
}

const text = async (content: string) =>
  (await fileModel(dir, "image.txt", new TextEncoder().encode(content))).manifest;

const SOME = `sha256:${"0".repeat(64)}`;

const hasImage = (name: string): Promise<boolean> =>
  promisify(execFile)("podman", ["image", "inspect", name]).then(
    () => true,
    () => false,
  );

describe.skipIf(skip)(`images${skip ? ` (skipped: ${skip})` : ""}`, () => {
  it.each<[string, () => Promise<Parameters<typeof readImageSource>[0]>, object]>([
    [
      "for another machine says what it is made for",
      async () => (await imageModel(dir, PROGRAM, "foreign", { arch: "s390x" })).manifest,
      {
        code: "model_unloadable",
        message: `the image is made for linux/s390x; this machine runs linux/${HOST_ARCH}`,
      },
    ],
    [
      "that wants to write to this machine's disk is refused",
      async () =>
        (await imageModel(dir, PROGRAM, "volume", { config: { Volumes: { "/data": {} } } })).manifest,
      { code: "model_unloadable", message: expect.stringMatching(/declares volumes \(\/data\)/) },
    ],
    [
      "named without a digest says how to write one",
      () => text("docker.io/library/alpine:latest\n"),
      { code: "model_unloadable", message: expect.stringMatching(/without its digest.*write name@sha256:…/) },
    ],
    [
      "of no registry in particular is refused",
      () => text(`alpine@${SOME}`),
      { code: "model_unloadable", message: expect.stringMatching(/write docker\.io\/library/) },
    ],
    [
      "that the registry does not have says so, and what needs no registry",
      () => text(`${registry.host}/models/none@${SOME}`),
      {
        code: "fetch_failed",
        message: expect.stringMatching(/cannot be pulled; an archive in its place needs no registry/),
      },
    ],
    [
      "of a registry that does not answer says so",
      () => text(`127.0.0.1:1/models/rows@${SOME}`),
      { code: "fetch_failed", message: expect.stringMatching(/cannot be pulled.*(refused|dial)/) },
    ],
    [
      "that is compressed says how it should be",
      async () => (await fileModel(dir, "image.tar.gz", Uint8Array.from([0x1f, 0x8b, 8, 0]))).manifest,
      { code: "model_unloadable", message: expect.stringMatching(/is compressed/) },
    ],
    [
      "that is any other archive says what is missing",
      async () => {
        const bytes = new Uint8Array(Buffer.concat([writeTarFile("README", PROGRAM), TAR_END]));
        return (await fileModel(dir, "readme.tar", bytes)).manifest;
      },
      {
        code: "model_unloadable",
        message: expect.stringMatching(/neither a manifest\.json nor an index\.json/),
      },
    ],
    [
      "that is cut off says so",
      async () => {
        const bytes = new Uint8Array(writeTarFile("layer.tar", new Uint8Array(4_096)).subarray(0, 2_048));
        return (await fileModel(dir, "short.tar", bytes)).manifest;
      },
      { code: "model_unloadable", message: expect.stringMatching(/ends in the middle/) },
    ],
  ])("one %s", async (_what, make, failure) => {
    await expect(obtain(store(), await make())).rejects.toMatchObject(failure);
  });

  it("are pulled by their digest, and known by their id from then on", async () => {
    const manifest = await text(`${registry.host}/${registry.image}\n`);
    const id = await obtain(store(), manifest);
    expect(id).toMatch(/^(sha256:)?[0-9a-f]{64}$/);
    expect(await obtain(store(), manifest)).toBe(id);
  });

  it("of this machine's own network are left alone unless its owner says otherwise", async () => {
    const manifest = await text(`${registry.host}/${registry.image}`);
    await expect(obtain(store({ private_registries: false }), manifest)).rejects.toMatchObject({
      message: expect.stringMatching(/in this machine's own network/),
    });
  });

  it("never take a name that their archive claims", async () => {
    const { manifest } = await imageModel(dir, PROGRAM, "named", { name: "docker.io/library/claimed:1" });
    await obtain(store(), manifest);
    expect(await hasImage("docker.io/library/claimed:1")).toBe(false);
    expect(await hasImage(nameImage(labels, `${manifest.files[0]?.sha256}`))).toBe(true);
  });

  it("saved as an OCI layout are loaded all the same", async () => {
    const { manifest } = await imageModel(dir, PROGRAM, "layout");
    await obtain(store(), manifest);
    const name = nameImage(labels, `${manifest.files[0]?.sha256}`);
    const file = join(dir, "layout.oci");
    await createContainerCli("podman").call([
      "save",
      "--quiet",
      "--format",
      "oci-archive",
      "--output",
      file,
      name,
    ]);
    const { readFile } = await import("node:fs/promises");
    const layout = await fileModel(dir, "layout.oci", new Uint8Array(await readFile(file)));
    expect(await obtain(store(), layout.manifest)).toBe(await obtain(store(), manifest));
  });

  it("used longest ago make room for others", async () => {
    const names: string[] = [];
    for (const behaviour of ["first", "second", "third"]) {
      const { manifest } = await imageModel(dir, PROGRAM, behaviour);
      await obtain(store({ images_max: 2 }), manifest);
      names.push(nameImage(labels, `${manifest.files[0]?.sha256}`));
    }
    expect(await Promise.all(names.map(hasImage))).toEqual([false, true, true]);
    expect(await readImageNames(dir)).toEqual(names.slice(1));
  });

  it("are taken away with their runner's traces, and nobody else's name for them", async () => {
    const other = await labelContainers(join(dir, "other"));
    const { manifest } = await imageModel(dir, PROGRAM, "shared");
    const source = await readImageSource(manifest, dir);
    const engine = "found" in search ? search.found : (null as unknown as ContainerEngine);
    const ledger = join(dir, "other/images.json");
    await createImageStore({ engine, labels: other, ledger, private_registries: false }).obtain(source);
    await obtain(store(), manifest);
    const digest = `${manifest.files[0]?.sha256}`;
    await removeTraces(join(dir, "other"));
    expect(await hasImage(nameImage(other, digest))).toBe(false);
    expect(await hasImage(nameImage(labels, digest))).toBe(true);
  });
});
