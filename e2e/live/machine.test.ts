import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { MeasuredSpeed } from "@infernet/schemas/challenge";
import { beforeAll, expect, test } from "vitest";
import { collectEvents } from "../network/follow-job.ts";
import { createHandRunner } from "../network/hand-runner.ts";
import { tinyJob, uploadTinyModel } from "./tiny-job.ts";
import { useEdge } from "./use-edge.ts";

const RUNNER = fileURLToPath(import.meta.resolve("infernet-runner/main"));
const live = useEdge();
beforeAll(() => uploadTinyModel(live.client));

/** A command of the runner that lives in this home; without the services of whoever runs this test. */
async function command(home: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, XDG_CONFIG_HOME: join(live.folder, "xdg") };
  const { stdout } = await promisify(execFile)(process.execPath, [RUNNER, ...args, "--home", home], { env });
  return stdout;
}

test("a real edge measures a real runner by its own clock, and shows what it has measured", async () => {
  const runner = await live.addRunner("measured");
  const measured = await runner.program.waitFor("speed.measured");
  expect(measured).toMatchObject({ passed: true, of: Math.min(256, availableParallelism()) });
  const shown = MeasuredSpeed.parse((await live.client.getProvider(runner.id)).measured);
  expect(shown).toMatchObject({ passed: true, cores: measured.cores });
  expect(shown.iterations_per_s).toBeGreaterThan(1_000);
  await runner.program.stop();
});

test("a runner that answers no challenge works as ever, and is only not measured", async () => {
  const runner = await createHandRunner(live.edge.url);
  expect((await live.client.getProvider(runner.id)).measured).toBeNull();
});

test("an owner looks at, fetches and removes models, and takes everything away in the end", async () => {
  const { home, program } = await live.addRunner("kept");
  const compute = async (): Promise<unknown> => {
    const job = await live.client.createJob(tinyJob(4));
    return (await collectEvents(live.client, job.id)).at(-1)?.type;
  };
  expect(await compute()).toBe("job.succeeded");
  await command(home, "models", "pull", "tiny", "--edge", live.edge.url);
  const [model] = JSON.parse(await command(home, "models", "list", "--json")).models;
  expect(model).toMatchObject({ names: ["tiny"], loaded: true, files: 1, files_here: 1 });
  await expect(command(home, "models", "rm", "tiny")).rejects.toThrow("is loaded by the runner");
  await expect(command(home, "uninstall", "--yes")).rejects.toThrow("is in use by the runner");

  await expect.poll(() => existsSync(join(home, "network.json")), { timeout: 10_000 }).toBe(true);
  expect(await program.stop()).toBe(0);
  expect(JSON.parse(await command(home, "bench", "--json"))).toMatchObject({
    cores: { passed: true },
    models: [{ names: ["tiny"], rows_per_s: expect.any(Number) }],
    skipped: [],
  });
  await command(home, "models", "rm", "tiny");
  const again = await live.addRunner("kept");
  expect(await compute()).toBe("job.succeeded");
  expect(await again.program.stop()).toBe(0);
  await command(home, "uninstall", "--yes", "--identity");
  expect(existsSync(home)).toBe(false);
});
