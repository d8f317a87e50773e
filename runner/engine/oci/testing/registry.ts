import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

/** A registry of one image, as much of https://github.com/opencontainers/distribution-spec as a pull needs. */
export interface TestRegistry {
  /** Its address, as the front of a reference. */
  host: string;
  /** `repository@digest` of its image. */
  image: string;
  close(): Promise<void>;
}

export async function serveImage(
  layer: Uint8Array,
  arch: string,
  entrypoint: readonly string[],
): Promise<TestRegistry> {
  const blobs = new Map<string, Buffer>();
  const add = (bytes: Buffer, mediaType: string) => {
    const digest = digestOf(bytes);
    blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: add(
        Buffer.from(
          JSON.stringify({
            architecture: arch,
            os: "linux",
            config: { Entrypoint: entrypoint },
            rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
          }),
        ),
        "application/vnd.oci.image.config.v1+json",
      ),
      layers: [add(gzipSync(layer), "application/vnd.oci.image.layer.v1.tar+gzip")],
    }),
  );
  const { digest } = add(manifest, MANIFEST);
  const server = createServer((request, response) => {
    const name = request.url?.split("/").at(-1) ?? "";
    const bytes = request.url === "/v2/" ? Buffer.from("{}") : blobs.get(name);
    if (bytes === undefined) return response.writeHead(404).end();
    const type = request.url?.includes("/manifests/") ? MANIFEST : "application/octet-stream";
    response.writeHead(200, { "Content-Type": type, "Content-Length": bytes.length });
    response.end(request.method === "HEAD" ? undefined : bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    image: `models/rows@${digest}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const digestOf = (bytes: Uint8Array): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
