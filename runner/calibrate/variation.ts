import type { ModelManifest } from "@infernet/schemas/model";
import { z } from "zod";
import { GraphOptimization, type Provider } from "../engine/onnx/load-message.ts";

/** One way in which an honest machine may run a model. */
export const Variation = z.strictObject({
  threads: z.int().min(1),
  /** Rows in one call of the engine; null: as many as a runner takes. */
  batch: z.int().min(1).nullable(),
  graph_optimization: GraphOptimization,
});
export type Variation = z.infer<typeof Variation>;

const USUAL: Variation = { threads: 1, batch: null, graph_optimization: "all" };

/**
 * What honest runs of a model on this machine may differ by. Each setting is varied alone, then all together, and the
 * usual run is repeated. Providers other than the CPU do not look at threads. A model whose rows depend on each other has
 * one batch.
 */
export function honestVariations(
  provider: Provider,
  { batch }: Pick<ModelManifest, "batch">,
  cores: number,
): Variation[] {
  const threads = provider === "cpu" ? [...new Set([2, 4, cores])].filter((n) => n > 1) : [];
  const batches = batch.joint ? [] : [1, 3, 7, 32].filter((rows) => batch.max === null || rows < batch.max);
  const levels = GraphOptimization.options.filter((level) => level !== USUAL.graph_optimization);
  return [
    USUAL,
    USUAL,
    ...threads.map((n) => ({ ...USUAL, threads: n })),
    ...batches.map((rows) => ({ ...USUAL, batch: rows })),
    ...levels.map((level) => ({ ...USUAL, graph_optimization: level })),
    {
      threads: threads.at(-1) ?? 1,
      batch: batches.at(-1) ?? null,
      graph_optimization: "basic",
    },
  ];
}

export const renderVariation = ({ threads, batch, graph_optimization }: Variation): string =>
  `${threads} thread${threads === 1 ? "" : "s"}, ${batch === null ? "usual batches" : `batches of ${batch}`}, optimisation ${graph_optimization}`;
