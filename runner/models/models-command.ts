import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ModelRef } from "@infernet/schemas/model";
import { type Command, InvalidArgumentError } from "commander";
import { askEdge } from "../cli/ask-edge.ts";
import { addExamples, configOption, edgeOption, homeOption, jsonOption } from "../cli/common-options.ts";
import { type EdgeFlags, edgeOf } from "../cli/edge-of.ts";
import { createErrorLog, reporting } from "../cli/reporting.ts";
import { loadSettings } from "../config/load-settings.ts";
import { renderBytes } from "../hardware/render-bytes.ts";
import { findResident } from "../identity/home-lock.ts";
import { loadIdentity } from "../identity/identity.ts";
import { RunnerError } from "../runner-error.ts";
import { createHttpEdgeClient } from "../transport/http-edge-client.ts";
import { chooseModel, filesOfItsOwn } from "./choose-model.ts";
import { decidePrune } from "./decide-prune.ts";
import { forgetModel, listKnownModels } from "./known-models.ts";
import { listModels } from "./list-models.ts";
import { addPublishCommand } from "./publish/publish-command.ts";
import { pullModel } from "./pull-model.ts";
import { readCache, readLoaded } from "./read-cache.ts";
import { renderModels } from "./render-models.ts";
import { showProgress } from "./show-progress.ts";

interface HomeFlags {
  home: string;
  json?: boolean;
}

/** `infernet-runner models`: what the cache holds, and what shall be in it. */
export function addModelsCommand(program: Command): void {
  const models = program
    .command("models")
    .description("look at the models kept on this machine, fetch and remove them");
  addExamples(models, "infernet-runner models list", "infernet-runner models prune --max-bytes 5000000000");
  addListCommand(models);
  addPublishCommand(models);
  addPullCommand(models);
  addPruneCommand(models);
  addRemoveCommand(models);
}

function addListCommand(models: Command): void {
  const list = models
    .command("list", { isDefault: true })
    .description("list what is kept, by model: size, last use, whether it is loaded")
    .addOption(homeOption())
    .addOption(jsonOption())
    .action(({ home, json }: HomeFlags) =>
      reporting(createErrorLog(), async () => {
        const at = resolve(home);
        const listing = listModels(await listKnownModels(at), await readCache(at), await readLoaded(at));
        process.stdout.write(json ? `${JSON.stringify(listing, null, 2)}\n` : renderModels(listing));
      }),
    );
  addExamples(list, "infernet-runner models list --json");
}

function addPullCommand(models: Command): void {
  const pull = models
    .command("pull")
    .description("fetch a model's files before the first job asks for them")
    .argument("<model>", "its name or digest", parseModelRef)
    .addOption(edgeOption())
    .addOption(homeOption())
    .addOption(configOption())
    .addOption(jsonOption('print { "digest", "names", "bytes" }'))
    .action((ref: ModelRef, flags: EdgeFlags & HomeFlags) =>
      reporting(createErrorLog(), () => pullFor(ref, flags)),
    );
  addExamples(pull, "infernet-runner models pull glyphs");
}

async function pullFor(ref: ModelRef, flags: EdgeFlags & HomeFlags): Promise<void> {
  const edge = await edgeOf(flags);
  const home = resolve(flags.home);
  const { values } = await loadSettings({ ...flags, env: process.env });
  const client = createHttpEdgeClient({ edge, identity: await loadIdentity(home) });
  const progress = showProgress(ref, process.stderr);
  const pulled = await askEdge(edge, `to give ${ref}`, () =>
    pullModel(ref, {
      client,
      home,
      bytes_max: values["limits.cache_bytes"],
      signal: new AbortController().signal,
      onProgress: progress.show,
    }),
  ).finally(progress.end);
  const { digest, names, manifest } = pulled;
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  const told = `${names.join(", ") || digest.slice(0, 12)} is here, ${renderBytes(bytes)}`;
  process.stdout.write(flags.json ? `${JSON.stringify({ digest, names, bytes })}\n` : `${told}\n`);
}

function addPruneCommand(models: Command): void {
  const prune = models
    .command("prune")
    .description("remove what was used longest ago until the rest is within a size")
    .requiredOption("--max-bytes <n>", "most bytes that stay", parseBytes)
    .addOption(homeOption())
    .addOption(jsonOption('print { "removed", "bytes" }'))
    .action((flags: HomeFlags & { maxBytes: number }) => reporting(createErrorLog(), () => pruneTo(flags)));
  addExamples(prune, "infernet-runner models prune --max-bytes 5000000000");
}

async function pruneTo({ home, json, maxBytes }: HomeFlags & { maxBytes: number }): Promise<void> {
  const at = resolve(home);
  const isLived = (await findResident(at)) !== null;
  const gone = decidePrune(await readCache(at), maxBytes, { now_ms: Date.now(), isLived });
  await removeBlobs(
    at,
    gone.map(({ sha256 }) => sha256),
  );
  const bytes = gone.reduce((sum, blob) => sum + blob.bytes, 0);
  const told = `removed ${gone.length} file${gone.length === 1 ? "" : "s"}, ${renderBytes(bytes)}`;
  process.stdout.write(json ? `${JSON.stringify({ removed: gone.length, bytes })}\n` : `${told}\n`);
}

function addRemoveCommand(models: Command): void {
  const remove = models
    .command("rm")
    .description("remove a model's files; a job that wants it fetches them again")
    .argument("<model>", "its name, its digest, or the first six characters of that, or more")
    .addOption(homeOption())
    .addOption(jsonOption('print { "digest", "removed" }'))
    .action((ref: string, flags: HomeFlags) => reporting(createErrorLog(), () => removeModel(ref, flags)));
  addExamples(remove, "infernet-runner models rm glyphs");
}

async function removeModel(ref: string, { home, json }: HomeFlags): Promise<void> {
  const at = resolve(home);
  const known = await listKnownModels(at);
  const model = chooseModel(known, ref);
  const resident = await findResident(at);
  if (resident !== null && (await readLoaded(at)).has(model.digest))
    throw new RunnerError("model_loaded", `${ref} is loaded by the runner with process id ${resident}`);
  const files = filesOfItsOwn(model, known);
  await removeBlobs(at, files);
  await forgetModel(at, model.digest);
  const told = `removed ${ref} (${model.digest.slice(0, 12)})`;
  process.stdout.write(
    json ? `${JSON.stringify({ digest: model.digest, removed: files.length })}\n` : `${told}\n`,
  );
}

const removeBlobs = async (home: string, blobs: readonly string[]): Promise<void> => {
  for (const sha256 of blobs) await rm(join(home, "cache", sha256), { force: true });
};

function parseModelRef(text: string): ModelRef {
  const ref = ModelRef.safeParse(text);
  if (ref.success) return ref.data;
  throw new InvalidArgumentError("It must be a model's name or its digest.");
}

function parseBytes(text: string): number {
  const bytes = Number(text);
  if (Number.isSafeInteger(bytes) && bytes >= 0) return bytes;
  throw new InvalidArgumentError("It must be a whole number of bytes, 0 or more.");
}
