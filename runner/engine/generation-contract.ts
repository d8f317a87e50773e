import {
  type Completion,
  type Generation,
  isCompletion,
  type TokenPart,
} from "@infernet/schemas/llm/generation";
import type { GenerationRequest } from "@infernet/schemas/llm/generation-request";
import type { Given } from "@infernet/schemas/llm/lease-generation";
import { BLOCK_TOKENS, type TokenBlock } from "@infernet/schemas/llm/token-block";
import type { ModelManifest } from "@infernet/schemas/model";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { GenerateOptions, GenerationEngine, GenerationSession } from "./engine.ts";
import { EngineFailure } from "./engine-failure.ts";

type Change = Partial<GenerationRequest["sampling"]>;

export interface GenerationFixture {
  engine: GenerationEngine;
  manifest: ModelManifest;
  dir: string;
  /** One whose completion of 40 positions is always the same, and ends for no other reason than `tokens_max`. */
  request(change?: Change): GenerationRequest;
  /** One that takes longer than 100 ms, whatever its `tokens_max`. */
  slow: GenerationRequest;
  /** A prompt of more tokens than the model takes; null where only the server knows. */
  tooLong: GenerationRequest | null;
  /** One that the model cannot do. */
  unsupported: GenerationRequest;
  /** Whether each position has a token and evidence, and a completion that is gone on with is the same to the byte. */
  isExact: boolean;
}

const POSITIONS = 40;
const PATIENT = { timeout_ms: 60_000, signal: new AbortController().signal, given: null };

/** Holds a session to what `GenerationSession` promises. Every implementation runs it against the real thing. */
export function describeGeneration(name: string, setUp: () => Promise<GenerationFixture>): void {
  describe(`${name} keeps the contract of generated text`, () => {
    let fixture: GenerationFixture;
    let session: GenerationSession;
    beforeAll(async () => {
      fixture = await setUp();
      session = await fixture.engine.loadGenerator(fixture.manifest, fixture.dir);
    });
    afterAll(() => session?.close());

    const generate = async (change: Change = {}, options: Partial<GenerateOptions> = {}) => {
      const told = listener();
      const request = fixture.request({ tokens_max: POSITIONS, ...change });
      const { generation, compute_ms } = await session.generate(request, { ...PATIENT, ...told, ...options });
      return { completion: completionOf(generation), compute_ms, ...told };
    };

    it("names the execution class by its engine, and works on one completion at least", () => {
      expect(session.execution_class).toMatch(new RegExp(`^${fixture.engine.offer.engine}/`));
      expect(session.at_once_max).toBeGreaterThan(0);
    });

    it("tells of each position in order, and their texts joined are the completion", async () => {
      const { completion, parts } = await generate();
      expect(joined(parts)).toBe(completion.text);
      expect(completion.finish_reason).toBe("length");
      expect(completion.usage).toMatchObject({ completion_tokens: POSITIONS });
      expect(completion.usage.prompt_tokens).toBeGreaterThan(0);
      if (!fixture.isExact) return;
      expect(parts.map(({ token }) => token)).toEqual(completion.tokens);
      expect(parts).toHaveLength(POSITIONS);
    });

    it("tells of blocks of 32 positions with the part that completes each, and of the last", async () => {
      const { completion, blocks } = await generate();
      if (!fixture.isExact) return expect(blocks.filter(Boolean)).toEqual([]);
      const complete = blocks.flatMap((block) => (block ? [block] : []));
      expect(blocks.flatMap((block, position) => (block ? [position] : []))).toEqual([31, POSITIONS - 1]);
      expect(complete.map(({ start }) => start)).toEqual([0, BLOCK_TOKENS]);
      expect(complete.flatMap(({ tokens }) => tokens)).toEqual(completion.tokens);
      expect(complete.flatMap(({ margins }) => margins)).toEqual(completion.evidence?.margins);
      const fingerprint = Buffer.concat(complete.map((block) => block.fingerprint)).toString("base64");
      expect(fingerprint).toBe(completion.evidence?.fingerprint);
    });

    it("ends before a stop text, wherever tokens begin", async () => {
      const { completion } = await generate();
      const stop = completion.text.slice(11, 17);
      const stopped = await generate({ stop: [stop] });
      expect(stopped.completion.finish_reason).toBe("stop");
      expect(stopped.completion.text).toBe(completion.text.slice(0, completion.text.indexOf(stop)));
      expect(joined(stopped.parts)).toBe(stopped.completion.text);
    });

    it("goes on with what is given, and tells of nothing before it", async () => {
      const whole = await generate();
      for (const positions of [1, 20, 33]) {
        const given = givenOf(whole.parts.slice(0, positions));
        const rest = await generate({}, { given });
        expect(given.text + joined(rest.parts)).toBe(rest.completion.text);
        if (!fixture.isExact) continue;
        expect(rest.completion.tokens).toEqual(whole.completion.tokens);
        expect(rest.parts).toEqual(whole.parts.slice(positions));
      }
    });

    it("works on several at once, each as if it were alone", async () => {
      const lengths = [8, 16, 24, 32, 40];
      const alone = await generate();
      const together = await Promise.all(lengths.map((tokens_max) => generate({ tokens_max })));
      for (const { completion, parts } of together) {
        expect(joined(parts)).toBe(completion.text);
        expect(alone.completion.text.startsWith(completion.text)).toBe(true);
      }
    });

    it("lets go of a completion that nobody wants, at once, and of no other", async () => {
      const unwanted = new AbortController();
      const dropped = session.generate(fixture.slow, { ...PATIENT, signal: unwanted.signal });
      const kept = generate();
      unwanted.abort(new Error("lease lost"));
      await expect(dropped).rejects.toThrow("lease lost");
      expect((await kept).completion.finish_reason).toBe("length");
      const late = session.generate(fixture.slow, { ...PATIENT, signal: unwanted.signal });
      await expect(late).rejects.toThrow("lease lost");
    });

    it("stops a completion at its time and goes on with the next", async () => {
      const late = session.generate(fixture.slow, { ...PATIENT, timeout_ms: 50 });
      await expect(late).rejects.toMatchObject({ code: "engine_timeout" });
      expect((await generate()).completion.finish_reason).toBe("length");
    });

    it("answers what the model cannot do with an error, not with a failure", async () => {
      const asked = [fixture.tooLong, fixture.unsupported].flatMap((request) => (request ? [request] : []));
      for (const request of asked) {
        const { generation } = await session.generate(request, PATIENT);
        expect(generation).toMatchObject({ error: { message: expect.stringMatching(/./) } });
      }
    });

    it("says of a given completion what it would have chosen, where it can", async () => {
      const { completion, parts } = await generate();
      if (!session.score) return expect(fixture.isExact).toBe(false);
      const { generation } = await session.score(
        fixture.request({ tokens_max: POSITIONS }),
        givenOf(parts),
        PATIENT,
      );
      const scored = completionOf(generation);
      expect({ ...scored, usage: null, evidence: null }).toEqual({
        ...completion,
        usage: null,
        evidence: null,
      });
      expect(scored.usage).toMatchObject({
        prompt_tokens: completion.usage.prompt_tokens,
        completion_tokens: POSITIONS,
      });
      expect(scored.evidence?.margins.every((margin) => margin <= 1)).toBe(true);
    });

    it("ends its completions when closed", async () => {
      const closing = await fixture.engine.loadGenerator(fixture.manifest, fixture.dir);
      const running = closing.generate(fixture.slow, PATIENT);
      await Promise.all([expect(running).rejects.toBeInstanceOf(EngineFailure), closing.close()]);
      await expect(closing.generate(fixture.slow, PATIENT)).rejects.toBeInstanceOf(EngineFailure);
    });
  });
}

function listener() {
  const parts: TokenPart[] = [];
  const blocks: (TokenBlock | null)[] = [];
  const onPart = (part: TokenPart, block: TokenBlock | null): void => {
    parts.push(part);
    blocks.push(block);
  };
  return { parts, blocks, onPart };
}

const joined = (parts: readonly TokenPart[]): string => parts.map(({ text }) => text).join("");

function givenOf(parts: readonly TokenPart[]): Given {
  const tokens = parts.flatMap(({ token }) => (token === null ? [] : [token]));
  const isKnown = tokens.length === parts.length;
  return { tokens: isKnown ? tokens : null, positions: parts.length, text: joined(parts) };
}

function completionOf(generation: Generation): Completion {
  if (isCompletion(generation)) return generation;
  throw new Error(`${generation.error.code}: ${generation.error.message}`);
}
