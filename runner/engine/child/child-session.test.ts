import { LIMITS } from "@infernet/schemas/limits";
import { describe, expect, it } from "vitest";
import type { ToChild } from "./child-message.ts";
import { ChildSession } from "./child-session.ts";
import type { EngineChildEvents } from "./start-child.ts";

type Script = (events: EngineChildEvents, message: ToChild) => void;

const LOADED = { kind: "loaded", execution_provider: "cpu", precision: "fp32" } as const;
const PATIENT = { timeout_ms: 60_000, signal: new AbortController().signal };

/** Loads, then does with each run as told. */
const withRuns =
  (onRun: (events: EngineChildEvents, run: number) => void): Script =>
  (events, message) => {
    if (message.kind === "load") events.onMessage(LOADED);
    if (message.kind === "run") onRun(events, message.run);
  };

const answers = withRuns((events, run) =>
  events.onMessage({ kind: "done", run, outputs: [], compute_ms: 1 }),
);
const isKilled = withRuns((events) => events.onExit("was killed by SIGKILL", "killed"));
const crashes = withRuns((events) => events.onExit("was killed by SIGSEGV", "ended"));
const isKilledLoading: Script = (events) => events.onExit("was killed by SIGKILL", "killed");
const cannotLoad: Script = (events) => events.onExit("ended with exit code 1", "ended");

/** Processes that behave as the scripts say, one after the other; the last script is every later one's. */
function processes(...scripts: Script[]): { started: () => number; load: () => Promise<ChildSession> } {
  let started = 0;
  const start = (events: EngineChildEvents) => {
    const script = scripts[Math.min(started, scripts.length - 1)];
    started += 1;
    return {
      pid: started,
      send: (message: ToChild) => queueMicrotask(() => script?.(events, message)),
      kill: () => queueMicrotask(() => events.onExit("was killed by SIGKILL", "killed")),
    };
  };
  const load = () => ChildSession.load({ engine: "onnx", model: null, start });
  return { started: () => started, load };
}

describe("a session in a child process", () => {
  it("begins a run anew in a fresh process when something outside killed the first", async () => {
    const { load, started } = processes(isKilled, answers);
    await expect((await load()).run([], 1, PATIENT)).resolves.toMatchObject({ compute_ms: 1 });
    expect(started()).toBe(2);
  });

  it("gives a run up that is killed wherever it is begun", async () => {
    const { load, started } = processes(isKilled);
    await expect((await load()).run([], 1, PATIENT)).rejects.toMatchObject({ code: "engine_crashed" });
    expect(started()).toBe(1 + LIMITS.engine_kills_max);
  });

  it("does not begin a run anew that crashed by itself", async () => {
    const { load, started } = processes(crashes, answers);
    const session = await load();
    await expect(session.run([], 1, PATIENT)).rejects.toMatchObject({ code: "engine_crashed" });
    expect(started()).toBe(1);
    await expect(session.run([], 1, PATIENT)).resolves.toBeDefined();
  });

  it("loads a model anew when its process was killed while it loaded", async () => {
    const { load, started } = processes(isKilledLoading, answers);
    await load();
    expect(started()).toBe(2);
  });

  it("does not try a model again that never loaded", async () => {
    const { load, started } = processes(cannotLoad);
    await expect(load()).rejects.toMatchObject({ code: "engine_crashed" });
    expect(started()).toBe(1);
  });

  it("tries a model again that loaded before, and not for ever", async () => {
    const passing = processes(isKilled, cannotLoad, answers);
    await expect((await passing.load()).run([], 1, PATIENT)).resolves.toBeDefined();
    expect(passing.started()).toBe(3);
    const lasting = processes(isKilled, cannotLoad);
    await expect((await lasting.load()).run([], 1, PATIENT)).rejects.toMatchObject({
      code: "engine_crashed",
      message: expect.stringMatching(/exit code 1 while loading the model/),
    });
  });
});
