import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TokenPart } from "@infernet/schemas/llm/generation";
import type { Given } from "@infernet/schemas/llm/lease-generation";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { GenerationEngine, GenerationSession } from "../engine.ts";
import { describeGeneration } from "../generation-contract.ts";
import { ModelServer } from "./model-server.ts";
import { createOpenaiEngine } from "./openai-engine.ts";
import { chatRequest, imageRequest, openaiManifest } from "./testing/openai-manifest.ts";
import { provideLlama } from "./testing/provide-llama.ts";
import { type LlamaServer, startLlama } from "./testing/start-llama.ts";
import { tinyGguf } from "./testing/tiny-gguf.ts";

const CONTEXT = 1_024;
const llama = await provideLlama();
if ("reason" in llama) console.warn(`skipped: llama.cpp is not tried, for ${llama.reason}`);

const idsRequest = (count: number) =>
  chatRequest({ prompt: { kind: "tokens", tokens: Array.from({ length: count }, () => 300) } });

describe.skipIf("reason" in llama)("a real llama.cpp behind a small server", () => {
  let dir: string;
  let running: LlamaServer;
  let server: ModelServer;
  let engine: GenerationEngine;
  let session: GenerationSession;
  const start = (port = 0): Promise<LlamaServer> =>
    startLlama(
      "module" in llama ? llama.module : "",
      { path: join(dir, "tiny.gguf"), name: "tiny-gguf", context_tokens: CONTEXT },
      port,
    );

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), "infernet-gguf-"));
    await writeFile(join(dir, "tiny.gguf"), tinyGguf(CONTEXT, 3));
    running = await start();
    server = new ModelServer({
      access: { base: running.url, api_key: null, isNamed: true },
      ...{ only: [], at_once: undefined, execution_provider: "cpu", probe_ms: 50 },
    });
    await server.refresh();
    engine = createOpenaiEngine(server);
    session = await engine.loadGenerator(openaiManifest("tiny-gguf", CONTEXT), "");
  });
  afterAll(async () => {
    await session?.close();
    running?.process.kill("SIGKILL");
    await rm(dir, { recursive: true, force: true });
  });

  async function generate(request = chatRequest({}, { tokens_max: 40 }), given: Given | null = null) {
    const parts: TokenPart[] = [];
    const { generation } = await session.generate(request, {
      ...{ timeout_ms: 30_000, signal: new AbortController().signal, given },
      onPart: (part) => parts.push(part),
    });
    if ("error" in generation) throw new Error(generation.error.message);
    return { parts, completion: generation };
  }

  describeGeneration("llama.cpp", async () => ({
    engine,
    manifest: openaiManifest("tiny-gguf", CONTEXT),
    dir: "",
    request: (change) => chatRequest({}, change),
    slow: chatRequest({}, { tokens_max: 900 }),
    tooLong: idsRequest(CONTEXT),
    unsupported: imageRequest,
    isExact: false,
  }));

  it("is found with its model, its build and its slots", () => {
    expect(engine.offer.formats).toEqual(["tiny-gguf"]);
    expect(engine.offer.version).toMatch(/^llama\.cpp-[bv]\d/);
    expect(session.at_once_max).toBe(2);
  });

  it("streams a completion that is the same each time, and is counted", async () => {
    const first = await generate();
    const second = await generate();
    expect(second.completion).toEqual(first.completion);
    expect(first.parts.map(({ text }) => text).join("")).toBe(first.completion.text);
    expect(first.completion.text.length).toBeGreaterThan(10);
    const { usage, finish_reason } = first.completion;
    expect(usage.prompt_tokens).toBeGreaterThan(10);
    expect(usage.completion_tokens).toBe(first.parts.length);
    expect(["stop", "length"]).toContain(finish_reason);
  });

  it("draws by the seed, and tells of logprobs", async () => {
    const drawn = (seed: number) =>
      generate(chatRequest({ top_logprobs: 3 }, { temperature: 1, seed, tokens_max: 24 }));
    const [one, same, other] = [await drawn(5), await drawn(5), await drawn(6)];
    expect(same.completion.text).toBe(one.completion.text);
    expect(other.completion.text).not.toBe(one.completion.text);
    const told = one.completion.logprobs ?? [];
    expect(told).toHaveLength(one.parts.length);
    for (const { logprob, top_logprobs } of told) {
      expect(logprob).toBeLessThanOrEqual(0);
      expect(top_logprobs).toHaveLength(3);
      expect(top_logprobs[0]?.logprob).toBeGreaterThanOrEqual(logprob);
    }
  });

  it("answers several at once, each as if it were alone", async () => {
    const alone = await generate();
    const together = await Promise.all(Array.from({ length: 5 }, () => generate()));
    for (const { completion } of together) expect(completion.text).toBe(alone.completion.text);
  });

  it("goes on with a text that another machine began", async () => {
    const whole = await generate();
    const begun = whole.parts.slice(0, 10);
    const text = begun.map((part) => part.text).join("");
    const { completion, parts } = await generate(chatRequest({}, { tokens_max: 40 }), {
      ...{ tokens: null, positions: 10, text },
    });
    expect(completion.text.startsWith(text)).toBe(true);
    expect(completion.text).toBe(text + parts.map((part) => part.text).join(""));
    expect(completion.usage.completion_tokens).toBe(10 + parts.length);
    expect(parts.length).toBeLessThanOrEqual(30);
  });

  it("takes token ids, and says when there are too many of them", async () => {
    expect((await generate(idsRequest(5))).completion.usage.prompt_tokens).toBe(5);
    await expect(generate(idsRequest(CONTEXT))).rejects.toThrow("exceeds the available context size");
  });

  it("is gone when it is killed in the middle, and there again when it is started anew", async () => {
    const gone = Promise.withResolvers<void>();
    const back = Promise.withResolvers<void>();
    const stop = engine.onOffersChanged?.(() => (engine.offer.formats.length === 0 ? gone : back).resolve());
    const run = session.generate(chatRequest({}, { tokens_max: 200 }), {
      ...{ timeout_ms: 30_000, signal: new AbortController().signal, given: null },
      onPart: () => void running.process.kill("SIGKILL"),
    });
    await expect(run).rejects.toMatchObject({ code: "engine_crashed" });
    await gone.promise;
    const { port } = running;
    if (running.process.exitCode === null && running.process.signalCode === null)
      await once(running.process, "exit");
    running = await start(port);
    await back.promise;
    stop?.();
    expect((await generate()).completion.text.length).toBeGreaterThan(10);
  });
});
