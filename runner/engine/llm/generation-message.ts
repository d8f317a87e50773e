import { Generation, TokenPart } from "@infernet/schemas/llm/generation";
import { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import { Given } from "@infernet/schemas/llm/lease-generation";
import { TokenBlock } from "@infernet/schemas/llm/token-block";
import { FailureCode } from "@infernet/schemas/runner";
import { z } from "zod";
import { Loaded, LoadMessage, Ready } from "../child/child-message.ts";

/** What the runner tells the process that generates text, over the structured-clone IPC of `child_process`. */
export const ToGenerator = z.discriminatedUnion("kind", [
  LoadMessage,
  z.object({
    kind: z.literal("run"),
    run: z.int(),
    task: z.enum(["generate", "score"]),
    request: GenerationRequest,
    given: Given.nullable(),
  }),
  z.object({ kind: z.literal("cancel"), run: z.int() }),
]);
export type ToGenerator = z.infer<typeof ToGenerator>;
export type RunMessage = Extract<ToGenerator, { kind: "run" }>;

/** What it answers. All that comes of one round is one message. */
export const FromGenerator = z.discriminatedUnion("kind", [
  Ready,
  Loaded.extend({
    /** Completions that it has room for at once. */
    at_once_max: z.int().min(1),
  }),
  z.object({
    kind: z.literal("round"),
    parts: z.array(z.object({ run: z.int(), part: TokenPart, block: TokenBlock.nullable() })),
    done: z.array(z.object({ run: z.int(), generation: Generation, compute_ms: z.number() })),
    failed: z.array(z.object({ run: z.int(), code: FailureCode, detail: z.string() })),
    /** Told to stop, and stopped. */
    canceled: z.array(z.int()),
  }),
  /** The model cannot be made ready. */
  z.object({ kind: z.literal("failed"), code: FailureCode, detail: z.string() }),
]);
export type FromGenerator = z.infer<typeof FromGenerator>;
export type Round = Extract<FromGenerator, { kind: "round" }>;
