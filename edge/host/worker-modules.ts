import { readdirSync } from "node:fs";
import { join, matchesGlob } from "node:path";
import { unstable_readConfig as readConfig } from "wrangler";
import { z } from "zod";

const ModuleType = z.enum(["ESModule", "CommonJS", "Text", "Data", "CompiledWasm"]);

const Configuration = z.object({
  rules: z.array(z.object({ type: ModuleType, globs: z.array(z.string()) })),
});

export interface WorkerModule {
  type: z.infer<typeof ModuleType>;
  path: string;
}

/** wrangler puts the sha1 of a module before its name. */
const HASH = /^[0-9a-f]{40}-/;

/** The modules of the built Worker, the main one first: the files that `rules` of wrangler.toml name lie beside it. */
export function listWorkerModules(configPath: string, dist: string): WorkerModule[] {
  const { rules } = Configuration.parse(readConfig({ config: configPath }));
  const beside = readdirSync(dist).flatMap((name) => {
    const source = name.replace(HASH, "");
    if (source === name) return [];
    const rule = rules.find(({ globs }) => globs.some((glob) => matchesGlob(source, glob)));
    return rule ? [{ type: rule.type, path: join(dist, name) }] : [];
  });
  return [{ type: "ESModule", path: join(dist, "index.js") }, ...beside];
}
