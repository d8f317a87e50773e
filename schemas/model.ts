import { z } from "zod";
import { Calibration } from "./calibration.ts";
import { canonicalDigest, Sha256 } from "./digest.ts";
import { LIMITS } from "./limits.ts";
import { GENERATION_INPUT, GENERATION_OUTPUT } from "./llm/generation.ts";
import { EmbeddingsSettings, LlmSettings, OpenaiSettings } from "./llm/llm-settings.ts";
import { TensorSpec } from "./tensor.ts";
import { ModelWork } from "./work.ts";

export const Engine = z.enum(["onnx", "wasm", "oci", "llm", "openai", "embeddings"]).meta({ id: "Engine" });
export type Engine = z.infer<typeof Engine>;

export const ModelName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,62}$/,
    "is not a model name: lower-case letters, digits, '.', '_', '-', at most 63",
  )
  .meta({ id: "ModelName", examples: ["glyphs"] });
export type ModelName = z.infer<typeof ModelName>;

/** A name, or the digest of a manifest. */
export const ModelRef = z.union([Sha256, ModelName]).meta({ id: "ModelRef", examples: ["glyphs"] });
export type ModelRef = z.infer<typeof ModelRef>;

export const ModelFile = z.strictObject({
  path: z
    .string()
    .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*(\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/, "is not a relative path")
    .max(255),
  sha256: Sha256,
  bytes: z.int().min(1).max(LIMITS.blob_bytes_max),
  /** Name of the list of its chunks (`schemas/peer/chunk-list.ts`): with it, a chunk that a peer sent is checked as it comes. */
  chunks: Sha256.optional(),
});
export type ModelFile = z.infer<typeof ModelFile>;

/** How a WebAssembly module is called: see docs/wasm.md. */
const WasmSettings = z.strictObject({
  /** `rows`: exported functions over its memory. `wasi`: a WASI preview 1 command that reads rows from standard input. */
  abi: z.enum(["rows", "wasi"]).default("rows"),
  /** Instructions that one row may take; the run ends there. Without it time alone limits it, and nothing is counted. */
  fuel_per_row_max: z.int().min(1).optional(),
});

/** How a container is spoken to: see docs/containers.md. */
const OciSettings = z.strictObject({
  /** Rows over standard input and output, or to an HTTP server inside. */
  transport: z
    .discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("stdio") }),
      z.strictObject({
        kind: z.literal("http"),
        port: z
          .int()
          .min(
            1_024,
            "is one that only root may listen on, and the image's program is nobody: take 1024 or above",
          )
          .max(65_535)
          .default(8080),
        path: z
          .string()
          .regex(/^\/[A-Za-z0-9/._-]*$/, "is not an absolute path")
          .max(255)
          .default("/"),
      }),
    ])
    .default({ kind: "stdio" }),
  /** Whether the image needs a GPU. */
  gpu: z.boolean().default(false),
});

/** Whether a row of the model is a request for a completion. */
export const generatesText = ({ engine }: { engine: Engine }): boolean =>
  engine === "llm" || engine === "openai";

const isOnly = (
  tensors: readonly TensorSpec[],
  only: typeof GENERATION_INPUT | typeof GENERATION_OUTPUT,
): boolean =>
  JSON.stringify(tensors.map(({ name, datatype, shape }) => ({ name, datatype, shape }))) ===
  JSON.stringify([only]);

const tensors = z.array(TensorSpec).min(1).max(LIMITS.tensors_per_message_max);

/** An immutable model: what runs, on which files, over which rows. Its digest is its identity. */
export const ModelManifest = z
  .strictObject({
    engine: Engine,
    /** The file the engine opens, and for `oci` an image archive or a file that names an image by its digest; the others lie beside it. "" for `openai`, which has none. */
    entry: z.string().max(255).default(""),
    files: z.array(ModelFile).max(LIMITS.files_per_model_max),
    inputs: tensors,
    outputs: tensors,
    /** Rows the engine takes in one call; `max` null means that memory alone bounds it. */
    batch: z
      .strictObject({
        max: z.int().min(1).max(65_536).nullable(),
        /** Set when a row's output depends on the rows beside it: then a shard is checked whole or not at all. */
        joint: z.literal(true).optional(),
      })
      .default({ max: null }),
    /** Memory that the engine needs to hold the model and one batch. */
    memory_bytes: z
      .int()
      .min(0)
      .max(2 ** 40)
      .default(0),
    /** Time of one row on one CPU core, in microseconds: sizes the shards, and the price where the work cannot be counted. */
    row_cost_us: z.int().min(1).max(3_600_000_000).default(1_000),
    wasm: WasmSettings.optional(),
    oci: OciSettings.optional(),
    /** Of `llm` and `openai`, which generate text. */
    llm: LlmSettings.optional(),
    openai: OpenaiSettings.optional(),
    embeddings: EmbeddingsSettings.optional(),
  })
  .refine((m) => m.wasm === undefined || m.engine === "wasm", {
    message: "is for models of the engine wasm",
    path: ["wasm"],
  })
  .refine((m) => m.oci === undefined || m.engine === "oci", {
    message: "is for models of the engine oci",
    path: ["oci"],
  })
  .refine((m) => generatesText(m) === (m.llm !== undefined), {
    message: "belongs to models of the engines llm and openai, and they need it",
    path: ["llm"],
  })
  .refine((m) => (m.engine === "openai") === (m.openai !== undefined), {
    message: "belongs to models of the engine openai, and they need it",
    path: ["openai"],
  })
  .refine((m) => (m.engine === "embeddings") === (m.embeddings !== undefined), {
    message: "belongs to models of the engine embeddings, and they need it",
    path: ["embeddings"],
  })
  .refine((m) => !generatesText(m) || isOnly(m.inputs, GENERATION_INPUT), {
    message: "of a model that generates text are one BYTES `request` of shape [null]",
    path: ["inputs"],
  })
  .refine((m) => !generatesText(m) || isOnly(m.outputs, GENERATION_OUTPUT), {
    message: "of a model that generates text are one BYTES `generation` of shape [null]",
    path: ["outputs"],
  })
  .refine((m) => m.engine === "openai" || m.files.length > 0, {
    message: "has none: only models of the engine openai lie with their server",
    path: ["files"],
  })
  .refine((m) => (m.files.length === 0 ? m.entry === "" : m.files.some((file) => file.path === m.entry)), {
    message: "names none of the files",
    path: ["entry"],
  })
  .refine((m) => new Set(m.files.map((file) => file.path)).size === m.files.length, {
    message: "has two files of one path",
    path: ["files"],
  })
  .refine((m) => new Set(m.inputs.map((t) => t.name)).size === m.inputs.length, {
    message: "has two inputs of one name",
    path: ["inputs"],
  })
  .refine((m) => new Set(m.outputs.map((t) => t.name)).size === m.outputs.length, {
    message: "has two outputs of one name",
    path: ["outputs"],
  })
  .meta({ id: "ModelManifest" });
export type ModelManifest = z.infer<typeof ModelManifest>;

/** sha256 of the manifest's canonical JSON (RFC 8785). */
export const manifestDigest = (manifest: ModelManifest): Promise<Sha256> => canonicalDigest(manifest);

export const ModelRegistration = z
  .strictObject({ name: ModelName.optional(), manifest: ModelManifest })
  .meta({ id: "ModelRegistration" });
export type ModelRegistration = z.infer<typeof ModelRegistration>;

export const Model = z
  .strictObject({
    digest: Sha256,
    names: z.array(ModelName),
    manifest: ModelManifest,
    /** What a row takes: the price follows from it. */
    work: ModelWork,
    /** How far apart honest outputs of it are; null until that was measured: defaults hold then. */
    calibration: Calibration.nullable(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: "Model" });
export type Model = z.infer<typeof Model>;
