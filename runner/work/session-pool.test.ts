import { Sha256 } from "@infernet/schemas/digest";
import { ExecutionClass } from "@infernet/schemas/execution-class";
import { ModelManifest } from "@infernet/schemas/model";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Session } from "../engine/engine.ts";
import { createSessionPool, type SessionPool } from "./session-pool.ts";
import { createScriptedGenerator } from "./testing/scripted-generator.ts";

const IDLE_MS = 60_000;
const NEVER = new AbortController().signal;
const models = {
  a: Sha256.parse("a".repeat(64)),
  b: Sha256.parse("b".repeat(64)),
  c: Sha256.parse("c".repeat(64)),
};
const names = new Map(Object.entries(models).map(([name, digest]) => [digest, name]));

const spec = { name: "x", datatype: "UINT8", shape: [null] };
const manifest = ModelManifest.parse({
  engine: "onnx",
  entry: "m",
  files: [{ path: "m", sha256: "0".repeat(64), bytes: 1 }],
  inputs: [spec],
  outputs: [spec],
});
/** Never run: the pool only opens, lends and closes. */
const session: Session = {
  execution_class: ExecutionClass.parse("onnx/none/cpu/none"),
  run: () => Promise.reject(new Error("not here")),
  close: async () => undefined,
};

function openPool(fails = new Set<string>()): { pool: SessionPool; log: string[] } {
  const log: string[] = [];
  const pool = createSessionPool({
    models_max: 2,
    shards_max: 2,
    idle_ms_max: IDLE_MS,
    load: async (digest) => {
      const name = names.get(digest) ?? "?";
      log.push(`load ${name}`);
      if (fails.has(name)) throw new Error(`${name} does not load`);
      const close = async (): Promise<void> => void log.push(`close ${name}`);
      return { manifest, session, close };
    },
  });
  return { pool, log };
}

describe("the pool of loaded models", () => {
  afterEach(() => void vi.useRealTimers());

  it("loads a model once for all who use it", async () => {
    const { pool, log } = openPool();
    await Promise.all([1, 2, 3].map(() => pool.use(models.a, NEVER, async () => undefined)));
    expect(log).toEqual(["load a"]);
  });

  it("closes the model used longest ago to make room", async () => {
    const { pool, log } = openPool();
    for (const model of [models.a, models.b, models.a, models.c])
      await pool.use(model, NEVER, async () => undefined);
    expect(log).toEqual(["load a", "load b", "close b", "load c"]);
  });

  it("waits when all models are in use", async () => {
    const { pool, log } = openPool();
    const ends = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const uses = [models.a, models.b].map((model, i) =>
      pool.use(model, NEVER, () => ends[i]?.promise ?? Promise.resolve()),
    );
    const third = pool.use(models.c, NEVER, async () => undefined);
    ends[1]?.resolve();
    await third;
    expect(log).toEqual(["load a", "load b", "close b", "load c"]);
    ends[0]?.resolve();
    await Promise.all(uses);
  });

  it("lends a session to a bounded number at once, in order", async () => {
    const { pool } = openPool();
    const ends = [1, 2, 3].map(() => Promise.withResolvers<void>());
    const entered: number[] = [];
    const uses = ends.map((end, i) =>
      pool.use(models.a, NEVER, async () => {
        entered.push(i);
        await end.promise;
      }),
    );
    await expect.poll(() => entered).toEqual([0, 1]);
    ends[0]?.resolve();
    await expect.poll(() => entered).toEqual([0, 1, 2]);
    for (const end of ends) end.resolve();
    await Promise.all(uses);
  });

  it("tries again to load what did not load", async () => {
    const fails = new Set(["a"]);
    const { pool, log } = openPool(fails);
    await expect(pool.use(models.a, NEVER, async () => undefined)).rejects.toThrow("a does not load");
    fails.clear();
    await pool.use(models.a, NEVER, async () => undefined);
    expect(log).toEqual(["load a", "load a"]);
  });

  it("closes a model that nobody has used for long, and loads it again for who wants it then", async () => {
    vi.useFakeTimers();
    const { pool, log } = openPool();
    await pool.use(models.a, NEVER, async () => undefined);
    await pool.use(models.b, NEVER, async () => undefined);
    await vi.advanceTimersByTimeAsync(IDLE_MS - 1);
    await pool.use(models.a, NEVER, async () => undefined);
    await vi.advanceTimersByTimeAsync(1);
    expect(log).toEqual(["load a", "load b", "close b"]);
    await vi.advanceTimersByTimeAsync(IDLE_MS);
    await pool.use(models.a, NEVER, async () => undefined);
    expect(log.slice(3)).toEqual(["close a", "load a"]);
  });

  it("keeps a model loaded as long as anybody uses it", async () => {
    vi.useFakeTimers();
    const { pool, log } = openPool();
    const end = Promise.withResolvers<void>();
    const long = pool.use(models.a, NEVER, () => end.promise);
    await pool.use(models.a, NEVER, async () => undefined);
    await vi.advanceTimersByTimeAsync(10 * IDLE_MS);
    expect(log).toEqual(["load a"]);
    end.resolve();
    await long;
    await pool.close();
    await vi.advanceTimersByTimeAsync(10 * IDLE_MS);
    expect(log).toEqual(["load a", "close a"]);
  });

  it("lets go of those who give up waiting", async () => {
    const { pool } = openPool();
    const end = Promise.withResolvers<void>();
    const uses = [1, 2].map(() => pool.use(models.a, NEVER, () => end.promise));
    const control = new AbortController();
    const waiting = pool.use(models.a, control.signal, async () => undefined);
    control.abort(new Error("lost"));
    await expect(waiting).rejects.toThrow("lost");
    end.resolve();
    await Promise.all(uses);
    await pool.use(models.a, NEVER, async () => undefined);
  });

  it("lets no more shards of all models run at once than it is told to", async () => {
    const pool = createSessionPool({
      models_max: 2,
      shards_max: 2,
      idle_ms_max: IDLE_MS,
      running_max: 1,
      load: async () => ({ manifest, session, close: session.close }),
    });
    const gate = Promise.withResolvers<void>();
    const order: string[] = [];
    const run = (name: keyof typeof models, until: Promise<void>) =>
      pool.use(models[name], NEVER, async () => {
        order.push(`${name} runs`);
        await until;
        order.push(`${name} ends`);
      });
    const first = run("a", gate.promise);
    const others = [run("b", Promise.resolve()), run("a", Promise.resolve())];
    await expect.poll(() => order).toEqual(["a runs"]);
    gate.resolve();
    await Promise.all([first, ...others]);
    expect(order).toEqual(["a runs", "a ends", "b runs", "b ends", "a runs", "a ends"]);
    await pool.close();
  });

  const openGenerator = (at_once_max: number, running_max: number) => {
    const { session: generator } = createScriptedGenerator(at_once_max);
    return createSessionPool({
      ...{ models_max: 2, shards_max: 1, idle_ms_max: IDLE_MS, running_max },
      load: async (digest) =>
        digest === models.a
          ? { manifest, generator, close: generator.close }
          : { manifest, session, close: session.close },
    });
  };

  it("takes as many completions of a model at once as it makes, and before those that wait what is urgent", async () => {
    const pool = openGenerator(2, 1);
    const ends = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
    const entered: number[] = [];
    const use = (i: number, isUrgent: boolean): Promise<void> =>
      pool.use(
        models.a,
        NEVER,
        async () => {
          entered.push(i);
          await ends[i]?.promise;
        },
        isUrgent,
      );
    const uses = [use(0, false), use(1, false)];
    await expect.poll(() => entered).toEqual([0, 1]);
    uses.push(use(2, false), use(3, true));
    // Both wait by then: what comes after them is served after them.
    await new Promise((resolve) => setImmediate(resolve));
    ends[0]?.resolve();
    await expect.poll(() => entered).toEqual([0, 1, 3]);
    for (const end of ends) end.resolve();
    await Promise.all(uses);
    expect(entered).toEqual([0, 1, 3, 2]);
    await pool.close();
  });

  it("counts the completions of one model as one shard that runs, until the last of them is done", async () => {
    const pool = openGenerator(8, 1);
    const ends = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let isOver = false;
    const uses = ends.map(({ promise }) => pool.use(models.a, NEVER, () => promise));
    const control = new AbortController();
    const other = pool.use(models.b, NEVER, async () => {
      isOver = true;
    });
    const givesUp = pool.use(models.a, control.signal, async () => undefined).catch(() => undefined);
    control.abort(new Error("lost"));
    await givesUp;
    ends[0]?.resolve();
    await uses[0];
    expect(isOver).toBe(false);
    ends[1]?.resolve();
    await Promise.all([...uses, other]);
    expect(isOver).toBe(true);
    await pool.close();
  });

  it("shares an engine by time between those who work for two aggregators, whoever has more that waits", async () => {
    const { pool } = openPool();
    const order: string[] = [];
    const of = (name: string, compute_ms: number, count: number): Promise<void>[] => {
      const user = pool.for(name, async () => undefined);
      return Array.from({ length: count }, () =>
        user.use(models.a, NEVER, async (_, note) => {
          order.push(name);
          await new Promise((resolve) => setImmediate(resolve));
          note(compute_ms);
        }),
      );
    };
    await Promise.all([...of("much", 100, 40), ...of("short", 10, 20)]);
    const firstOfMuch = order.filter((_, i) => order.slice(i).includes("short"));
    const count = (name: string): number => firstOfMuch.filter((other) => other === name).length;
    // Ten shards of 10 ms are one of 100 ms: while both have some the short ones come ten to one.
    expect(count("short")).toBe(20);
    expect(count("much")).toBeLessThanOrEqual(6);
    await pool.close();
  });

  it("asks whoever leased a shard for its model before it takes the place of another", async () => {
    const { pool, log } = openPool();
    const user = pool.for("edge", async (model) => void log.push(`fetch ${names.get(model)}`));
    await user.use(models.a, NEVER, async () => undefined);
    await user.use(models.a, NEVER, async () => undefined);
    const stalled = pool.for("stalled", () => new Promise(() => undefined));
    const control = new AbortController();
    const never = stalled.use(models.b, control.signal, async () => undefined);
    await user.use(models.c, NEVER, async () => undefined);
    control.abort(new Error("lost"));
    await expect(never).rejects.toThrow("lost");
    expect(log).toEqual(["fetch a", "load a", "fetch c", "load c"]);
    await pool.close();
  });
});
