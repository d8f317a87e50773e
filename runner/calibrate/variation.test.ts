import { expect, it } from "vitest";
import { honestVariations } from "./variation.ts";

const of = (provider: "cpu" | "webgpu", batch: { max: number | null; joint?: true }, cores = 8) =>
  honestVariations(provider, { batch }, cores);
const distinct = <T>(list: T[]) => [...new Set(list)];

it("varies threads, batches and optimisation on the CPU, and repeats the usual run", () => {
  const all = of("cpu", { max: null });
  expect(distinct(all.map(({ threads }) => threads))).toEqual([1, 2, 4, 8]);
  expect(distinct(all.map(({ batch }) => batch))).toEqual([null, 1, 3, 7, 32]);
  expect(distinct(all.map(({ graph_optimization }) => graph_optimization))).toEqual([
    "all",
    "disabled",
    "basic",
    "extended",
  ]);
  expect(all[0]).toEqual(all[1]);
});

it("leaves threads alone on a GPU, and batches where the manifest bounds or joins them", () => {
  expect(distinct(of("webgpu", { max: null }).map(({ threads }) => threads))).toEqual([1]);
  expect(distinct(of("cpu", { max: 4 }).map(({ batch }) => batch))).toEqual([null, 1, 3]);
  expect(distinct(of("cpu", { max: 1 }).map(({ batch }) => batch))).toEqual([null]);
  expect(distinct(of("cpu", { max: null, joint: true }).map(({ batch }) => batch))).toEqual([null]);
});
