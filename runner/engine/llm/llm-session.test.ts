import { LIMITS } from "@infernet/schemas/limits";
import type { Completion, TokenPart } from "@infernet/schemas/llm/generation";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { EngineChildEvents } from "../child/start-child.ts";
import type { FromGenerator, Round, RunMessage, ToGenerator } from "./generation-message.ts";
import { LlmSession } from "./llm-session.ts";
import { requestOf } from "./testing/tinylm.ts";

const POSITIONS = 6;
const PATIENT = { timeout_ms: 60_000, signal: new AbortController().signal, given: null };

/** A process that says the numbers from 0 on, one a round, until something happens to it. */
class ScriptedChild {
  readonly pid = 1;
  readonly got: ToGenerator[] = [];
  readonly #events: EngineChildEvents<FromGenerator>;
  readonly #live: Life;
  readonly #runs = new Map<number, number[]>();
  #isDead = false;

  constructor(events: EngineChildEvents<FromGenerator>, live: Life) {
    this.#events = events;
    this.#live = live;
  }

  send(message: ToGenerator): void {
    this.got.push(message);
    queueMicrotask(() => this.#hear(message));
  }

  kill(): void {
    this.die("killed");
  }

  die(cause: "killed" | "ended"): void {
    if (this.#isDead) return;
    this.#isDead = true;
    queueMicrotask(() =>
      this.#events.onExit(cause === "killed" ? "was killed by SIGKILL" : "crashed", cause),
    );
  }

  #hear(message: ToGenerator): void {
    if (this.#isDead) return;
    if (message.kind === "load") {
      this.#events.onMessage({
        kind: "loaded",
        execution_provider: "cpu",
        precision: "fp32",
        at_once_max: 4,
      });
    } else if (message.kind === "run") {
      this.#runs.set(message.run, [...(message.given?.tokens ?? [])]);
      this.#live.onRun?.(this, message);
      setImmediate(() => this.#work());
    } else if (!this.#live.ignoresCancels) {
      this.#runs.delete(message.run);
      this.#say({ canceled: [message.run] });
    }
  }

  #work(): void {
    if (this.#isDead || this.#runs.size === 0) return;
    const parts: Round["parts"] = [];
    const done: Round["done"] = [];
    for (const [run, tokens] of this.#runs) {
      if (this.#live.isStuck) continue;
      const token = tokens.length;
      tokens.push(token);
      parts.push({ run, part: { token, text: `${token} `, logprob: null }, block: null });
      if (tokens.length < POSITIONS) continue;
      done.push({ run, generation: completionOf(tokens), compute_ms: 1 });
      this.#runs.delete(run);
    }
    this.#say({ parts, done });
    this.#live.onRound?.(this, this.#runs.size);
    setImmediate(() => this.#work());
  }

  #say(said: Partial<Round>): void {
    const round: Round = { kind: "round", parts: [], done: [], failed: [], canceled: [], ...said };
    if (!this.#isDead) this.#events.onMessage(round);
  }
}

interface Life {
  onRun?(child: ScriptedChild, message: RunMessage): void;
  onRound?(child: ScriptedChild, running: number): void;
  ignoresCancels?: boolean;
  isStuck?: boolean;
}

const completionOf = (tokens: number[]): Completion => ({
  text: tokens.map((token) => `${token} `).join(""),
  tokens: [...tokens],
  finish_reason: "length",
  usage: { prompt_tokens: 1, cached_tokens: 0, completion_tokens: tokens.length },
  logprobs: null,
  evidence: null,
});

/** Processes with these lives, one after the other; the last is every later one's. */
async function open(...lives: Life[]) {
  const children: ScriptedChild[] = [];
  const session = await LlmSession.load({
    model: null,
    start: (events) => {
      const child = new ScriptedChild(events, lives[Math.min(children.length, lives.length - 1)] ?? {});
      children.push(child);
      return child;
    },
  });
  const generate = async (options = {}) => {
    const parts: TokenPart[] = [];
    const onPart = (part: TokenPart): number => parts.push(part);
    const { generation } = await session.generate(requestOf("x"), { ...PATIENT, onPart, ...options });
    return { generation, told: parts.map(({ token }) => token) };
  };
  return { session, children, generate };
}

const ALL = [0, 1, 2, 3, 4, 5];

describe("a session of generated text", () => {
  afterEach(() => void vi.useRealTimers());

  it("goes on in a fresh process after the last position, and the caller notices nothing", async () => {
    let rounds = 0;
    const { generate, children } = await open(
      { onRound: (child) => void (++rounds === 3 && child.die("killed")) },
      {},
    );
    const both = await Promise.all([generate(), generate()]);
    for (const { generation, told } of both) {
      expect(told).toEqual(ALL);
      expect(generation).toMatchObject({ tokens: ALL });
    }
    expect(children).toHaveLength(2);
    expect(children[1]?.got).toContainEqual(
      expect.objectContaining({ kind: "run", given: { tokens: [0, 1, 2], positions: 3, text: "0 1 2 " } }),
    );
  });

  it("gives one up whose process is killed time and again without a new position", async () => {
    const { generate, children } = await open({ onRun: (child) => child.die("killed") });
    await expect(generate()).rejects.toMatchObject({ code: "engine_crashed" });
    expect(children).toHaveLength(1 + LIMITS.engine_kills_max);
  });

  it("does not count kills between which it came further", async () => {
    const { generate, children } = await open({ onRound: (child) => child.die("killed") });
    await expect(generate()).resolves.toMatchObject({ told: ALL });
    expect(children.length).toBeGreaterThan(1 + LIMITS.engine_kills_max);
  });

  it("finds the one whose fault a crash was, and finishes the others", async () => {
    const poison = 2;
    const { session, generate } = await open({
      onRun: (child, { run }) => void (run === poison && child.die("ended")),
    });
    const outcomes = await Promise.allSettled([0, 1, 2, 3].map(() => generate()));
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
    await expect(generate()).resolves.toMatchObject({ told: ALL });
    await session.close();
  });

  it("hands over no more than the process has room for", async () => {
    const { generate, children } = await open({});
    const all = Array.from({ length: 9 }, () => generate());
    await vi.waitFor(() => expect(children[0]?.got.filter(({ kind }) => kind === "run")).toHaveLength(4));
    for (const { told } of await Promise.all(all)) expect(told).toEqual(ALL);
  });

  it("kills a process that does not let go of what nobody wants, and goes on with the others", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { generate, children } = await open({ ignoresCancels: true, isStuck: true }, {});
    const late = expect(generate({ timeout_ms: 50 })).rejects.toMatchObject({ code: "engine_timeout" });
    const other = generate();
    await vi.advanceTimersByTimeAsync(50);
    await late;
    await vi.advanceTimersByTimeAsync(LIMITS.engine_cancel_ms_max);
    await expect(other).resolves.toMatchObject({ told: ALL });
    expect(children).toHaveLength(2);
  });
});
