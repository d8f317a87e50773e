import { gzipSync } from "node:zlib";
import { build } from "esbuild";

export interface WorkerBundle {
  code: string;
  bytes: number;
  gzip_bytes: number;
}

/** One module of a file and all that it imports, as workerd takes it. */
export async function bundleWorker(file: string): Promise<WorkerBundle> {
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    conditions: ["workerd", "worker", "browser"],
    external: ["node:*", "cloudflare:*"],
    write: false,
    logLevel: "silent",
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error(`${file} was bundled into nothing`);
  const { contents, text } = output;
  return { code: text, bytes: contents.length, gzip_bytes: gzipSync(contents).length };
}
