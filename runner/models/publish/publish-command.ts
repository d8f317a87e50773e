import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { ModelName } from "@infernet/schemas/model";
import { type Command, InvalidArgumentError, Option } from "commander";
import { askEdge } from "../../cli/ask-edge.ts";
import { addExamples, configOption, edgeOption, homeOption, jsonOption } from "../../cli/common-options.ts";
import { type EdgeFlags, edgeOf } from "../../cli/edge-of.ts";
import { createErrorLog, reporting } from "../../cli/reporting.ts";
import { renderBytes } from "../../hardware/render-bytes.ts";
import { RunnerError } from "../../runner-error.ts";
import { showProgress } from "../show-progress.ts";
import { type AccountClient, createAccountClient } from "./account-client.ts";
import { type ModelFolder, readModelFolder } from "./read-model-folder.ts";

interface PublishFlags extends EdgeFlags {
  name: ModelName;
  file?: string;
  json?: boolean;
}

/** `infernet-runner models publish`: from a folder to a model that clients can name. */
export function addPublishCommand(models: Command): void {
  const publish = models
    .command("publish")
    .description(
      "upload a model in Hugging Face layout and register it; needs INFERNET_API_KEY, an account's key",
    )
    .argument("<folder>", "config.json, tokenizer.json and onnx/model.onnx lie in it")
    .requiredOption("--name <name>", "what clients call it", parseName)
    .addOption(new Option("--file <path>", "the ONNX file in the folder").default("onnx/model.onnx"))
    .addOption(edgeOption())
    .addOption(homeOption())
    .addOption(configOption())
    .addOption(jsonOption('print { "name", "digest", "bytes", "uploaded_bytes" }'))
    .action((folder: string, flags: PublishFlags) =>
      reporting(createErrorLog(), () => publishFolder(folder, flags)),
    );
  addExamples(
    publish,
    "infernet-runner models publish ./SmolLM2-135M --name smollm2-135m --file onnx/model_q4.onnx",
  );
}

async function publishFolder(folder: string, flags: PublishFlags): Promise<void> {
  const edge = await edgeOf(flags);
  const api_key = process.env.INFERNET_API_KEY;
  if (!api_key) throw new RunnerError("api_key_missing", "INFERNET_API_KEY is not set");
  const model = await readModelFolder(resolve(folder), flags.file);
  const client = createAccountClient(edge, api_key);
  const told = await askEdge(edge, `to publish ${flags.name}`, async () => {
    const uploaded_bytes = await uploadFiles(client, model, flags.name);
    return { uploaded_bytes, digest: await client.register(flags.name, model.manifest) };
  });
  const bytes = model.manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  if (flags.json) process.stdout.write(`${JSON.stringify({ name: flags.name, ...told, bytes })}\n`);
  else process.stdout.write(renderPublished(flags.name, edge, model, told.uploaded_bytes, bytes));
}

/** Each file that the edge does not have yet, and the lists of their chunks. */
async function uploadFiles(
  client: AccountClient,
  { manifest, places, lists }: ModelFolder,
  name: string,
): Promise<number> {
  const progress = showProgress(name, process.stderr);
  const all_bytes = manifest.files.reduce((sum, { bytes }) => sum + bytes, 0);
  let here_bytes = 0;
  let uploaded_bytes = 0;
  try {
    for (const { path, sha256, bytes } of manifest.files) {
      const place = places.get(path);
      if (place !== undefined && !(await client.hasBlob(sha256))) {
        await client.putBlob(sha256, new Uint8Array(await readFile(place)));
        uploaded_bytes += bytes;
      }
      here_bytes += bytes;
      progress.show(here_bytes, all_bytes);
    }
    for (const [name, list] of lists) {
      if (await client.hasBlob(name)) continue;
      await client.putBlob(name, list);
      uploaded_bytes += list.length;
    }
  } finally {
    progress.end();
  }
  return uploaded_bytes;
}

function renderPublished(
  name: string,
  edge: string,
  { manifest }: ModelFolder,
  uploaded: number,
  bytes: number,
): string {
  const { llm, embeddings, engine } = manifest;
  const context = (llm ?? embeddings)?.context_tokens;
  return [
    `${name} is registered: ${engine}, ${(llm ?? embeddings)?.parameters} parameters, ${context} tokens of context`,
    `${renderBytes(bytes)} in ${manifest.files.length} files, ${renderBytes(uploaded)} of it sent now`,
    `Clients use it at ${edge.replace(/\/+$/, "")}/v1 as soon as a runner is there that has the engine ${engine}.`,
    "",
  ].join("\n");
}

function parseName(text: string): ModelName {
  const name = ModelName.safeParse(text);
  if (name.success) return name.data;
  throw new InvalidArgumentError(`${name.error.issues[0]?.message ?? "is not a model name"}.`);
}
