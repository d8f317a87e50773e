import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { parseSignature } from "@infernet/schemas/commitment";
import { type Sha256, sha256 } from "@infernet/schemas/digest";
import { renderHash } from "@infernet/schemas/hash";
import { publicKeyOf } from "@infernet/schemas/ids";
import { GENERATION_INPUT, GENERATION_OUTPUT, Generation } from "@infernet/schemas/llm/generation";
import { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import { blockStatement, linkBlock, startChain } from "@infernet/schemas/llm/token-block";
import { ModelManifest } from "@infernet/schemas/model";
import type { Lease, ShardResult } from "@infernet/schemas/runner";
import { joinBytes, splitBytes } from "@infernet/schemas/tensor-bytes";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AnyEngine } from "./engine/engine.ts";
import { EngineFailure } from "./engine/engine-failure.ts";
import { createRunner, type Runner, type RunnerOptions } from "./runner.ts";
import { MemoryEdge } from "./transport/memory-edge.ts";
import type { RunnerEvent } from "./work/runner-event.ts";
import {
  createScriptedGenerator,
  givenOf,
  SCRIPTED_CLASS,
  type ScriptedGenerator,
  textOf,
} from "./work/testing/scripted-generator.ts";

const encoder = new TextEncoder();

const requestOf = (seed: number, tokens_max: number): unknown =>
  GenerationRequest.parse({ prompt: { kind: "text", text: "once" }, sampling: { seed, tokens_max } });

describe("a runner that generates text", () => {
  let home: string;
  let edge: MemoryEdge;
  let engine: ScriptedGenerator;
  let events: RunnerEvent[];
  let runner: Runner;
  let ended: Promise<void>;
  let model: Sha256;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "infernet-generation-"));
    edge = new MemoryEdge();
    engine = createScriptedGenerator();
    events = [];
    ended = Promise.resolve();
    const file = encoder.encode("weights");
    const manifest = ModelManifest.parse({
      engine: "llm",
      entry: "model.onnx",
      files: [{ path: "model.onnx", sha256: await sha256(file), bytes: file.length }],
      inputs: [GENERATION_INPUT],
      outputs: [GENERATION_OUTPUT],
      llm: { context_tokens: 4_096, parameters: "1000" },
    });
    model = await edge.addModel(manifest, [file]);
  });
  afterEach(async () => {
    runner?.kill();
    await ended;
    await rm(home, { recursive: true, force: true });
  });

  const start = async (
    options: Partial<RunnerOptions> = {},
    engines: AnyEngine[] = [engine],
  ): Promise<void> => {
    runner = await createRunner({
      ...{ edge: "memory:", home, engines, log: (event) => events.push(event) },
      connect: ({ id }) => {
        edge.runner_id = id;
        return edge;
      },
      ...options,
    });
    ended = runner.run();
  };
  const offer = (rows: unknown[], generation: Partial<NonNullable<Lease["generation"]>> = {}): Lease => {
    const data = joinBytes(
      rows.map((row) => (row instanceof Uint8Array ? row : encoder.encode(JSON.stringify(row)))),
    );
    return edge.offer({
      model,
      rows: [{ start: 0, count: rows.length }],
      inputs: [{ name: "request", datatype: "BYTES", shape: [rows.length], data }],
      generation: { task: "generate", stream: false, given: null, ...generation },
    });
  };
  const results = async (count: number): Promise<ShardResult[]> => {
    await expect.poll(() => edge.results, { timeout: 5_000, interval: 5 }).toHaveLength(count);
    return edge.results;
  };
  const generationsOf = (result: ShardResult | undefined): Generation[] => {
    if (result?.outcome !== "done" || typeof result.outputs === "string")
      throw new Error("no inline outputs");
    const [output] = result.outputs;
    if (output === undefined) throw new Error("no output");
    const decoder = new TextDecoder();
    return splitBytes(output.data).map((row) => Generation.parse(JSON.parse(decoder.decode(row))));
  };
  const logged = (name: RunnerEvent["event"]): RunnerEvent[] => events.filter(({ event }) => event === name);

  it("completes the rows of a batch side by side, and answers those that are no requests", async () => {
    const rows = [requestOf(100, 5), { prompt: "?" }, encoder.encode('"\xff'), requestOf(200, 7)];
    offer([...rows, Uint8Array.of(0x22, 0xff, 0x22)]);
    await start();
    const [result] = await results(1);
    const [first, second, third, fourth, fifth] = generationsOf(result);
    expect(first).toMatchObject({ text: textOf(100, 5), tokens: [100, 101, 102, 103, 104] });
    expect(fourth).toMatchObject({ text: textOf(200, 7) });
    for (const refused of [second, third, fifth])
      expect(refused).toMatchObject({ error: { code: "request_invalid" } });
    expect(engine.at_work_max).toBe(2);
    expect(logged("shard.done")).toMatchObject([
      {
        execution_class: SCRIPTED_CLASS,
        tokens: { prompt_tokens: 6, cached_tokens: 2, made_tokens: 12, given_tokens: 0, refused: 3 },
      },
    ]);
  });

  it("works no more rows at once than the model takes", async () => {
    engine = createScriptedGenerator(3);
    offer(Array.from({ length: 10 }, (_, i) => requestOf(i, 4)));
    await start({}, [engine]);
    expect(generationsOf((await results(1))[0])).toHaveLength(10);
    expect(engine.at_work_max).toBe(3);
  });

  it("scores what is given in one go, and makes nothing", async () => {
    offer([requestOf(5, 40)], { task: "score", given: [givenOf(5, 40)] });
    await start();
    expect(generationsOf((await results(1))[0])).toMatchObject([{ text: textOf(5, 40) }]);
    expect(engine.at_work_max).toBe(0);
  });

  it("fails the lease when the engine fails on a row, and gives the others up", async () => {
    const [bad, good] = [offer([requestOf(0, 3), requestOf(1, 3)]), offer([requestOf(2, 3)])];
    engine.failure = new EngineFailure("engine_crashed", "it is gone");
    await start();
    await results(2);
    engine.failure = null;
    for (const { id } of [bad, good])
      expect(edge.results.find(({ lease_id }) => lease_id === id)).toMatchObject({
        outcome: "failed",
        code: "engine_crashed",
      });
    expect(engine.atWork).toBe(0);
  });

  it("sends tokens as they are made, and the answer at once, though other work of the job goes on", async () => {
    const held = Promise.withResolvers<void>();
    engine.gate = (seed) => (seed === 8 ? held.promise : turn());
    const lease = offer([requestOf(7, 70)], { stream: true });
    const other = offer([requestOf(8, 3)], { stream: true });
    await start();
    const [first] = await results(1);
    expect(first?.lease_id).toBe(lease.id);
    expect(edge.streams.textOf(lease.id)).toBe(textOf(7, 70));
    expect(generationsOf(first)).toMatchObject([{ text: textOf(7, 70) }]);
    held.resolve();
    await results(2);
    expect(edge.streams.textOf(other.id)).toBe(textOf(8, 3));
  });

  it("signs each block with all that it made under the lease before, from the first with a new position", async () => {
    const lease = offer([requestOf(7, 130)], { stream: true, given: [givenOf(7, 40)] });
    await start();
    await results(1);
    const blocks = edge.streams.blocksOf(lease.id);
    expect(blocks.map(({ block }) => block.start)).toEqual([32, 64, 96, 128]);
    expect(edge.streams.textOf(lease.id)).toBe(textOf(7, 130, 40));
    const key = await crypto.subtle.importKey("raw", publicKeyOf(runner.id), "Ed25519", false, ["verify"]);
    let chain = startChain({
      ...{ network: edge.network, job_id: lease.job_id, shard: lease.shard, lease_id: lease.id },
      ...{ runner: runner.id, model, execution_class: SCRIPTED_CLASS },
    });
    for (const signed of blocks) {
      chain = linkBlock(chain, signed.block);
      expect(signed.chain).toBe(renderHash(chain));
      const statement = blockStatement(signed.chain);
      const signature = parseSignature(signed.signature);
      expect(await crypto.subtle.verify("Ed25519", key, signature, statement)).toBe(true);
    }
    expect(logged("shard.done")).toMatchObject([{ tokens: { made_tokens: 90, given_tokens: 40 } }]);
  });

  it("holds as many streams as the model takes at once, each from the moment it comes", async () => {
    const held = Promise.withResolvers<void>();
    engine.gate = () => held.promise;
    offer([requestOf(0, 2)], { stream: true });
    await start();
    await expect.poll(() => engine.atWork, { interval: 1 }).toBe(1);
    for (let i = 1; i < 40; i++) offer([requestOf(i, 2)], { stream: true });
    await expect.poll(() => engine.atWork, { interval: 1 }).toBe(32);
    // No more than can begin are held.
    const leased = events.flatMap((event) => (event.event === "leased" ? event.leases : []));
    expect(leased).toHaveLength(32);
    engine.gate = () => turn();
    held.resolve();
    await results(40);
    expect(engine.at_work_max).toBe(32);
  });

  it("stops a completion that the edge wants no more of, and says nothing of it", async () => {
    engine.gate = () => new Promise(() => undefined);
    const lease = offer([requestOf(0, 5)], { stream: true });
    await start();
    await expect.poll(() => engine.atWork, { interval: 1 }).toBe(1);
    edge.streams.end(lease.id);
    await expect.poll(() => logged("shard.lost"), { interval: 1 }).toHaveLength(1);
    expect(engine.atWork).toBe(0);
    expect(edge.results).toEqual([]);
  });

  it("does not stream again what it signed a block of, though the edge gives the lease again", async () => {
    const lease = offer([requestOf(0, 64)], { stream: true });
    engine.gate = async () => {
      await turn();
      if (edge.streams.blocksOf(lease.id).length > 0) await new Promise(() => undefined);
    };
    await start();
    await expect.poll(() => edge.streams.blocksOf(lease.id), { interval: 1 }).toHaveLength(1);
    runner.kill();
    await ended;
    engine.gate = () => turn();
    edge.offer(lease);
    const next = offer([requestOf(1, 3)], { stream: true });
    await start();
    expect((await results(1)).map(({ lease_id }) => lease_id)).toEqual([next.id]);
  });

  it("when drained, finishes a stream within its grace, and hands back what takes longer", async () => {
    const held = Promise.withResolvers<void>();
    engine.gate = (seed) => (seed === 1 ? new Promise(() => undefined) : held.promise);
    const [long, short] = [1, 2].map((seed) => offer([requestOf(seed, 20)], { stream: true })) as [
      Lease,
      Lease,
    ];
    await start({ drain_ms_max: 100 });
    await expect.poll(() => engine.atWork, { interval: 1 }).toBe(2);
    runner.drain();
    held.resolve();
    await ended;
    const outcomes = new Map(edge.results.map(({ lease_id, outcome }) => [lease_id, outcome]));
    expect(outcomes.get(short.id)).toBe("done");
    expect(outcomes.get(long.id)).toBe("handed_back");
    expect(edge.streams.connections).toBe(0);
  });

  it("tells the edge when what it offers changes, and asks for no work while it offers nothing", async () => {
    let formats = ["hf"];
    let changed = (): void => undefined;
    const shifting = {
      loadGenerator: engine.loadGenerator,
      get offer() {
        return { ...engine.offer, formats };
      },
      onOffersChanged: (listener: () => void) => {
        changed = listener;
        return () => undefined;
      },
    };
    await start({}, [shifting]);
    await expect.poll(() => edge.polls.length).toBe(1);
    formats = [];
    changed();
    await expect.poll(() => edge.hasLeft).toBe(true);
    offer([requestOf(0, 2)]);
    await turn();
    expect(edge.polls).toHaveLength(1);
    formats = ["gguf"];
    changed();
    await results(1);
    expect(edge.registered.map(({ capability }) => capability.engines[0]?.formats)).toEqual([
      ["hf"],
      ["gguf"],
    ]);
    expect(logged("offers.changed")).toHaveLength(2);
  });
});
