import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

export const NAME = "infernet-sample";
export const VERSION = "1.0.0";

export interface FakeRegistry {
  url: string;
  /** What a runner would carry: names the one package with its sha512. */
  lock: object;
  /** Serves another tarball than the lockfile names. */
  swap(): void;
  /** From now on the tarball is begun and never finished; resolves when somebody waits for it. */
  stall(): Promise<void>;
  close(): Promise<void>;
}

/** A registry with one small package, as npm speaks to it. */
export async function startFakeRegistry(): Promise<FakeRegistry> {
  const tarball = await packSample("module.exports = 1;");
  const other = await packSample("module.exports = 2;");
  const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
  const stalled = Promise.withResolvers<void>();
  let served = tarball;
  let isStalling = false;
  const server = createServer((request, response) => {
    if (!request.url?.endsWith(".tgz")) {
      const dist = { tarball: `http://${request.headers.host}/sample.tgz`, integrity };
      const versions = { [VERSION]: { name: NAME, version: VERSION, dist } };
      response.end(JSON.stringify({ name: NAME, "dist-tags": { latest: VERSION }, versions }));
      return;
    }
    if (!isStalling) return void response.end(served);
    response.writeHead(200, { "content-length": served.length });
    response.write(served.subarray(0, 10));
    stalled.resolve();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/`,
    lock: {
      name: `infernet-engine-${NAME}`,
      version: VERSION,
      lockfileVersion: 3,
      requires: true,
      packages: {
        "": { name: `infernet-engine-${NAME}`, version: VERSION, dependencies: { [NAME]: VERSION } },
        [`node_modules/${NAME}`]: { version: VERSION, integrity },
      },
    },
    swap: () => {
      served = other;
    },
    stall: () => {
      isStalling = true;
      return stalled.promise;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function packSample(code: string): Promise<Buffer> {
  const dir = await mkdtemp(join(tmpdir(), "infernet-sample-"));
  try {
    // A script that is run would leave a file behind.
    const scripts = { postinstall: "node -e \"require('fs').writeFileSync('ran', '')\"" };
    await writeFile(join(dir, "package.json"), JSON.stringify({ name: NAME, version: VERSION, scripts }));
    await writeFile(join(dir, "index.js"), code);
    await promisify(execFile)("npm", ["pack", "--ignore-scripts", "--silent"], { cwd: dir });
    return await readFile(join(dir, `${NAME}-${VERSION}.tgz`));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
