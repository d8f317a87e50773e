import { availableParallelism } from "node:os";
import { MeasuredSpeed } from "@infernet/schemas/challenge";
import { expect, test } from "vitest";
import { createHandRunner } from "../network/hand-runner.ts";
import { useEdge } from "./use-edge.ts";

const live = useEdge();

test("a real edge measures a real runner by its own clock, once, and shows what it has measured", async () => {
  const runner = await live.addRunner("measured");
  const measured = await runner.program.waitFor("speed.measured");
  expect(measured).toMatchObject({ passed: true, of: Math.min(256, availableParallelism()) });
  const shown = MeasuredSpeed.parse((await live.client.getProvider(runner.id)).measured);
  expect(shown).toMatchObject({ passed: true, cores: measured.cores });
  expect(shown.iterations_per_s).toBeGreaterThan(1_000);

  await live.edge.program.kill();
  await live.restartEdge();
  const again = await live.addRunner("measured-too");
  await again.program.waitFor("speed.measured");
  expect((await live.client.getProvider(runner.id)).measured).toEqual(shown);
});

test("a runner that answers no challenge works as ever, and is only not measured", async () => {
  const runner = await createHandRunner(live.edge.url);
  expect((await live.client.getProvider(runner.id)).measured).toBeNull();
});
