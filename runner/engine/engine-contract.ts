import type { ModelManifest } from "@infernet/schemas/model";
import type { Tensor } from "@infernet/schemas/tensor";
import { rowCount, sliceRows } from "@infernet/schemas/tensor-rows";
import { afterEach, describe, expect, it } from "vitest";
import type { Engine, Session } from "./engine.ts";
import { EngineFailure } from "./engine-failure.ts";

export interface EngineModel {
  manifest: ModelManifest;
  dir: string;
  /** At least `rows` rows the model accepts; the same ones each time. */
  inputs(rows: number): Tensor[];
}

export interface EngineFixture {
  engine: Engine;
  /** Any model whose rows are independent of each other. */
  model: EngineModel;
  /** One whose single row takes more than ten seconds. */
  slow: EngineModel;
  /** One whose files are not a model. */
  garbage: EngineModel;
}

const PATIENT = { timeout_ms: 60_000, signal: new AbortController().signal };

/** Holds an engine to what `Engine` promises. Every implementation runs it against the real thing. */
export function describeEngine(name: string, setUp: () => Promise<EngineFixture>): void {
  describe(`${name} keeps the engine contract`, () => {
    const sessions: Session[] = [];
    const open = async (
      pick: (fixture: EngineFixture) => EngineModel,
      change: Partial<ModelManifest> = {},
    ) => {
      const fixture = await setUp();
      const model = pick(fixture);
      const session = await fixture.engine.load({ ...model.manifest, ...change }, model.dir);
      sessions.push(session);
      return { ...model, session };
    };
    afterEach(() => Promise.all(sessions.splice(0).map((session) => session.close())));

    it("gives the manifest's outputs with one row for each row of the input", async () => {
      const { session, manifest, inputs } = await open(({ model }) => model);
      const { outputs, compute_ms } = await session.run(inputs(7), 7, PATIENT);
      expect(outputs.map((output) => output.name)).toEqual(manifest.outputs.map((output) => output.name));
      expect(outputs.map((output) => output.datatype)).toEqual(
        manifest.outputs.map((output) => output.datatype),
      );
      expect(outputs.map(rowCount)).toEqual(outputs.map(() => 7));
      expect(compute_ms).toBeGreaterThan(0);
    });

    it("names the execution class by its engine, version, provider and the model's precision", async () => {
      const { engine } = await setUp();
      const { session } = await open(({ model }) => model);
      const { offer } = engine;
      expect(session.execution_class).toMatch(
        new RegExp(`^${offer.engine}/${offer.version}/${offer.execution_provider}/[a-z0-9]+$`),
      );
    });

    it("computes a row alike whatever shard and batch it comes in", async () => {
      const whole = await open(({ model }) => model);
      const batched = await open(({ model }) => model, { batch: { max: 3 } });
      const inputs = whole.inputs(10);
      const all = await whole.session.run(inputs, 10, PATIENT);
      const inThrees = await batched.session.run(inputs, 10, PATIENT);
      const tail = await whole.session.run(
        inputs.map((tensor) => sliceRows(tensor, 6, 4)),
        4,
        PATIENT,
      );
      expect(inThrees.outputs).toEqual(all.outputs);
      expect(tail.outputs.map((o) => o.data)).toEqual(all.outputs.map((o) => sliceRows(o, 6, 4).data));
    });

    it("takes the next shard ahead and works in order", async () => {
      const { session, inputs } = await open(({ model }) => model);
      const finished: number[] = [];
      const runs = [1, 2, 3].map((rows) =>
        session.run(inputs(rows), rows, PATIENT).then(() => finished.push(rows)),
      );
      await Promise.all(runs);
      expect(finished).toEqual([1, 2, 3]);
    });

    it("refuses inputs that do not fit the model and goes on", async () => {
      const { session, inputs } = await open(({ model }) => model);
      const [first, ...others] = inputs(2);
      if (!first) throw new Error("the model has no input");
      const misfits: Tensor[][] = [
        [],
        [{ ...first, name: "another" }, ...others],
        [{ ...first, data: first.data.subarray(1) }, ...others],
        [sliceRows(first, 0, 1), ...others.map((tensor) => sliceRows(tensor, 0, 1))],
      ];
      for (const misfit of misfits) {
        await expect(session.run(misfit, 2, PATIENT)).rejects.toMatchObject({ code: "input_mismatch" });
      }
      await expect(session.run(inputs(2), 2, PATIENT)).resolves.toBeDefined();
    });

    it("refuses an output that the manifest does not promise", async () => {
      const { manifest } = (await setUp()).model;
      const outputs = manifest.outputs.map((spec) => ({ ...spec, shape: [...spec.shape, 3] }));
      const { session, inputs } = await open(({ model }) => model, { outputs });
      await expect(session.run(inputs(2), 2, PATIENT)).rejects.toMatchObject({ code: "output_mismatch" });
    });

    it("says that a file is not a model", async () => {
      const error = await open(({ garbage }) => garbage).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(EngineFailure);
      expect(error).toMatchObject({ code: "model_unloadable" });
    });

    it("says that the manifest names an input the model lacks", async () => {
      const { manifest } = (await setUp()).model;
      const inputs = manifest.inputs.map((spec) => ({ ...spec, name: `${spec.name}_other` }));
      await expect(open(({ model }) => model, { inputs })).rejects.toMatchObject({
        code: "model_unloadable",
      });
    });

    it("stops a run at its time and goes on with the next", async () => {
      const { session, inputs } = await open(({ slow }) => slow);
      const late = session.run(inputs(1), 1, { ...PATIENT, timeout_ms: 200 });
      await expect(late).rejects.toMatchObject({ code: "engine_timeout" });
      const next = session.run(inputs(1), 1, { ...PATIENT, timeout_ms: 200 });
      await expect(next).rejects.toMatchObject({ code: "engine_timeout" });
    });

    it("lets go of a run that nobody wants, at once, and still runs the one behind it", async () => {
      const { session, inputs } = await open(({ slow }) => slow);
      const unwanted = new AbortController();
      const running = session.run(inputs(1), 1, { ...PATIENT, signal: unwanted.signal });
      const behind = session.run(inputs(1), 1, { ...PATIENT, timeout_ms: 300 });
      unwanted.abort(new Error("lease lost"));
      await expect(running).rejects.toThrow("lease lost");
      await expect(behind).rejects.toMatchObject({ code: "engine_timeout" });
    });

    it("ends its runs when closed", async () => {
      const { session, inputs } = await open(({ slow }) => slow);
      const running = session.run(inputs(1), 1, PATIENT);
      await Promise.all([expect(running).rejects.toBeInstanceOf(EngineFailure), session.close()]);
      await expect(session.run(inputs(1), 1, PATIENT)).rejects.toBeInstanceOf(EngineFailure);
    });
  });
}
