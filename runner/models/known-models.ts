import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Sha256 } from "@infernet/schemas/digest";
import { LIMITS } from "@infernet/schemas/limits";
import { ModelManifest, ModelName } from "@infernet/schemas/model";
import { z } from "zod";
import { writeJson } from "../write-json.ts";

/** What a runner remembers of a model: which files are its own, and how it was called when it was pulled. */
const KnownModel = z.strictObject({ names: z.array(ModelName), manifest: ModelManifest });

export interface KnownModel extends z.infer<typeof KnownModel> {
  digest: Sha256;
}

const folderIn = (home: string): string => join(home, "manifests");

/** Models whose manifests have been here, the one remembered last first. What cannot be read is passed over. */
export async function listKnownModels(home: string): Promise<KnownModel[]> {
  const folder = folderIn(home);
  const files = await readdir(folder).catch(() => []);
  const known = await Promise.all(
    files.map(async (file): Promise<(KnownModel & { at_ms: number })[]> => {
      try {
        const digest = Sha256.parse(file.replace(/\.json$/, ""));
        const path = join(folder, file);
        const model = KnownModel.parse(JSON.parse(await readFile(path, "utf8")));
        return [{ digest, ...model, at_ms: (await stat(path)).mtimeMs }];
      } catch {
        return [];
      }
    }),
  );
  return known
    .flat()
    .sort((a, b) => b.at_ms - a.at_ms)
    .map(({ at_ms: _, ...model }) => model);
}

/** Remembers a model. @param names empty where nobody has told them: then those that are known stay */
export async function rememberModel(home: string, { digest, names, manifest }: KnownModel): Promise<void> {
  const folder = folderIn(home);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const known = await listKnownModels(home);
  const before = known.find((one) => one.digest === digest);
  const kept = names.length > 0 ? names : (before?.names ?? []);
  await writeJson(join(folder, `${digest}.json`), { names: kept, manifest });
  for (const old of known.slice(LIMITS.runner_manifests_max - 1))
    if (old.digest !== digest) await forgetModel(home, old.digest);
}

export const forgetModel = (home: string, digest: Sha256): Promise<void> =>
  rm(join(folderIn(home), `${digest}.json`), { force: true });
