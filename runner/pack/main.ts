import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { packRunner } from "./pack-runner.ts";

const KIB = 1024;

const { path, bytes, bytes_installed, files } = await packRunner(
  fileURLToPath(new URL("../../dist", import.meta.url)),
);
console.log(
  `dist/${basename(path)}: ${kib(bytes)} KiB, ${files} files, ${kib(bytes_installed)} KiB installed`,
);

function kib(n: number): string {
  return Math.ceil(n / KIB).toLocaleString("en");
}
