import { readFileSync } from "node:fs";
import { parse } from "smol-toml";
import { z } from "zod";

/** What the host has to know of the Worker's wrangler.toml; the rest is for the cloud. */
const WorkerConfig = z.object({
  vars: z.record(z.string(), z.string()),
  rules: z.array(z.object({ type: z.enum(["Text", "Data"]), globs: z.array(z.string()) })),
  durable_objects: z.object({ bindings: z.array(z.object({ name: z.string(), class_name: z.string() })) }),
  d1_databases: z.tuple([z.object({ binding: z.string() })]),
});
export type WorkerConfig = z.infer<typeof WorkerConfig>;

export const readWorkerConfig = (file: string): WorkerConfig =>
  WorkerConfig.parse(parse(readFileSync(file, "utf8")));
