import { tokenPrices } from "@infernet/protocol/llm/token-prices";
import type { BatchEndpoint } from "@infernet/schemas/batch";
import type { PartLine, PartWork } from "@infernet/schemas/batch-state";
import type { Sha256 } from "@infernet/schemas/digest";
import { InfernetError } from "@infernet/schemas/errors";
import { hashSha256 } from "@infernet/schemas/hash";
import type { BatchId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import { JobGeneration } from "@infernet/schemas/llm/job-generation";
import { generatesText, type ModelManifest } from "@infernet/schemas/model";
import type { z } from "zod";
import { EmbeddingsRequest } from "../embeddings/embeddings-request.ts";
import { dimensionsOf, EMBEDDINGS_INPUT, parseEmbeddings } from "../embeddings/parse-embeddings.ts";
import { describeIssues } from "../http/describe-issues.ts";
import { readRates } from "../jobs/read-rates.ts";
import { ChatRequest } from "../v1/chat-request.ts";
import { CompletionRequest } from "../v1/completion-request.ts";
import { findModel } from "../v1/find-model.ts";
import { parseChat, type RowsOfRequest } from "../v1/parse-chat.ts";
import { parseCompletion } from "../v1/parse-completion.ts";
import { assertModelWanted, requirementsOfPreferences } from "../v1/requirements-of-preferences.ts";
import type { BatchLine } from "./parse-batch-line.ts";

/** A line of a batch as rows of a job. */
export interface TranslatedLine {
  model: Sha256;
  /** As the line has it. */
  model_name: string;
  input: string;
  rows: Uint8Array[];
  /** What the result of these rows is expected to have at most. */
  result_bytes: number;
  options: PartWork["options"];
  encoding?: PartLine["encoding"];
  generation?: PartLine["generation"];
}

/** What stands in a result for each token of a completion: its text, and the evidence for it. */
const RESULT_BYTES_PER_TOKEN = 100;
const RESULT_BYTES_PER_ROW = 512;
/** A number as JSON writes it, which is more than the four bytes that it has in the result. */
const RESULT_BYTES_PER_NUMBER = 22;

const encoder = new TextEncoder();

/** Throws an InfernetError for what the endpoint itself would refuse. */
export async function translateLine(
  env: Env,
  endpoint: BatchEndpoint,
  { body }: BatchLine,
  seed: number,
): Promise<TranslatedLine> {
  switch (endpoint) {
    case "/v1/chat/completions":
      return translateText(env, read(ChatRequest, body), (request, manifest) =>
        parseChat(request, manifest, seed),
      );
    case "/v1/completions":
      return translateText(env, read(CompletionRequest, body), (request, manifest) =>
        parseCompletion(request, manifest, seed),
      );
    case "/v1/embeddings":
      return translateEmbeddings(env, read(EmbeddingsRequest, body));
    default:
      return endpoint satisfies never;
  }
}

/** The seed of a line that names none: the same each time that it is read. */
export function seedOfLine(batch: BatchId, line: number): number {
  const digest = hashSha256(encoder.encode(`${batch}:${line}`));
  return new DataView(digest.buffer, digest.byteOffset).getUint32(0);
}

async function translateText<Request extends ChatRequest | CompletionRequest>(
  env: Env,
  request: Request,
  parse: (request: Request, manifest: ModelManifest) => RowsOfRequest,
): Promise<TranslatedLine> {
  assertNotStreamed(request);
  const model = await findModel(env, request.model, ["llm", "openai"]);
  const { rows, seed } = parse(request, model.manifest);
  const { logprobs, n } = request;
  const isTold = logprobs !== undefined && logprobs !== null && logprobs !== false;
  return {
    model: model.digest,
    model_name: request.model,
    ...generationRows(rows),
    options: optionsOf(env, request, model.manifest),
    generation: { seed, logprobs: isTold, choices: n ?? 1 },
  };
}

async function translateEmbeddings(env: Env, request: EmbeddingsRequest): Promise<TranslatedLine> {
  const model = await findModel(env, request.model, ["embeddings"]);
  const texts = parseEmbeddings(request, model.manifest);
  const row_bytes = dimensionsOf(model.manifest) * RESULT_BYTES_PER_NUMBER + RESULT_BYTES_PER_ROW;
  return {
    model: model.digest,
    model_name: request.model,
    input: EMBEDDINGS_INPUT,
    rows: texts.map((text) => encoder.encode(text)),
    result_bytes: texts.length * row_bytes,
    options: optionsOf(env, request, model.manifest),
    encoding: request.encoding_format ?? "float",
  };
}

/** What a line wants of its job, as far as a job has words for it. Throws what `provider` asks and nothing here can be. */
function optionsOf(
  env: Env,
  { provider, infernet }: Pick<ChatRequest, "provider" | "infernet">,
  manifest: ModelManifest,
): PartWork["options"] {
  const { failover, ...others } = infernet ?? {};
  const settings = manifest.llm ?? manifest.embeddings;
  if (settings !== undefined) {
    const prices = tokenPrices(BigInt(settings.parameters), readRates(env).micro_per_core_hour);
    assertModelWanted(provider ?? {}, manifest.llm?.quantization ?? "unknown", prices);
  }
  return {
    ...others,
    requirements: requirementsOfPreferences(provider ?? {}),
    ...(generatesText(manifest) ? { generation: JobGeneration.parse({ failover }) } : {}),
  };
}

function generationRows(
  requests: readonly GenerationRequest[],
): Pick<TranslatedLine, "input" | "rows" | "result_bytes"> {
  const tokens = requests.map(({ sampling }) =>
    Math.min(sampling.tokens_max, LIMITS.batch_completion_tokens_typical),
  );
  return {
    input: "request",
    rows: requests.map((request) => encoder.encode(JSON.stringify(request))),
    result_bytes: tokens.reduce(
      (sum, count) => sum + count * RESULT_BYTES_PER_TOKEN + RESULT_BYTES_PER_ROW,
      0,
    ),
  };
}

function assertNotStreamed({ stream }: { stream?: boolean | null | undefined }): void {
  if (stream !== true) return;
  const detail = "a batch is answered by a file: leave `stream` out";
  throw new InfernetError("parameter_unsupported", detail, { errors: [{ pointer: "/stream", detail }] });
}

/** A line's body as its endpoint reads it. Throws `request_invalid`. */
function read<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const errors = describeIssues(parsed.error.issues);
  const [first] = errors;
  throw new InfernetError("request_invalid", `In the body, ${first?.pointer}: ${first?.detail}`, { errors });
}
