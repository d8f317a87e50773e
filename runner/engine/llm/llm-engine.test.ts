import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import { findBestSandbox } from "../../sandbox/detect-sandboxes.ts";
import { describeGeneration } from "../generation-contract.ts";
import { createLlmEngine } from "./llm-engine.ts";
import { requestOf, TINYLM_DIR, tinylmManifest } from "./testing/tinylm.ts";

const { best } = await findBestSandbox();

const request = (change: Partial<GenerationRequest["sampling"]>): GenerationRequest =>
  requestOf("This program is free software", change);

describeGeneration("tinylm in its own process", async () => ({
  engine: await createLlmEngine({ sandbox: best, threads: 1 }),
  manifest: await tinylmManifest(),
  dir: TINYLM_DIR,
  request: (change = {}) => request(change),
  slow: request({ tokens_max: 500 }),
  tooLong: requestOf("word ".repeat(600)),
  unsupported: { ...request({}), tools: [{ type: "function" }] },
  isExact: true,
}));
