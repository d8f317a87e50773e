import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { codeFolders } from "./code-folders.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "infernet-code-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function lay(path: string, dependencies: Record<string, string> = {}): Promise<string> {
  const manifest = join(root, path, "package.json");
  await mkdir(dirname(manifest), { recursive: true });
  await writeFile(manifest, JSON.stringify({ dependencies }));
  return join(root, path);
}

it("finds a workspace, the ones it is linked to, and what those depend on, however deep", async () => {
  const runner = await lay("runner", { schemas: "1", absent: "1" });
  const schemas = await lay("schemas", { zod: "1" });
  const zod = await lay("node_modules/zod", { "@x/deep": "1" });
  const deep = await lay("node_modules/@x/deep", { zod: "1" });
  await lay("node_modules/unrelated");
  await symlink("../schemas", join(root, "node_modules/schemas"));
  const found = codeFolders(join(runner, "package.json"));
  expect(found.folders.toSorted()).toEqual([deep, zod, runner, schemas].toSorted());
  expect(found.links).toEqual([{ path: join(root, "node_modules/schemas"), target: schemas }]);
});

it("takes a package that stands on nothing, and no folder that lies within another", async () => {
  const published = await lay("node_modules/published", { inner: "1" });
  await lay("node_modules/published/node_modules/inner");
  expect(codeFolders(join(published, "package.json"))).toEqual({ folders: [published], links: [] });
});
