import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Sha256 } from "@infernet/schemas/digest";
import type { ModelManifest } from "@infernet/schemas/model";
import { viewElements } from "@infernet/schemas/tensor-elements";
import { afterAll, describe, expect, it } from "vitest";
import type { Engine } from "../engine.ts";
import { describeEngine, type EngineModel } from "../engine-contract.ts";
import { createContainerCli } from "./container-cli.ts";
import { HOME_LABEL, labelContainers, PROCESS_LABEL } from "./container-identity.ts";
import { removeTraces } from "./remove-traces.ts";
import { sweepContainers } from "./sweep-containers.ts";
import { containersHere } from "./testing/containers-here.ts";
import { fileModel, imageModel, rowsOfTwo } from "./testing/test-image.ts";

const dir = await mkdtemp(join(tmpdir(), "infernet-oci-"));
const here = await containersHere(dir);
afterAll(async () => {
  await removeTraces(here.home);
  await rm(dir, { recursive: true, force: true });
});

const ZEROS = Sha256.parse("0".repeat(64));
const PATIENT = { timeout_ms: 10_000, signal: new AbortController().signal };
const overHttp: { manifest: Partial<ModelManifest> } = {
  manifest: { oci: { transport: { kind: "http", port: 8080, path: "/rows" }, gpu: false } },
};

const fixture = async (engine: Engine, change: { manifest?: Partial<ModelManifest> } = {}) => ({
  engine,
  model: await imageModel(dir, here.program, "double", change),
  slow: await imageModel(dir, here.program, "slow", change),
  garbage: await fileModel(dir, "garbage.tar", new TextEncoder().encode("not an image\n")),
});

async function doubled(engine: Engine, { manifest }: EngineModel, rows: number): Promise<number[]> {
  const session = await engine.load(manifest, dir);
  try {
    const { outputs } = await session.run(rowsOfTwo(rows), rows, PATIENT);
    return [...viewElements("FP32", outputs[0]?.data ?? new Uint8Array())];
  } finally {
    await session.close();
  }
}

const doubles = (rows: number): number[] => [
  ...Float32Array.from({ length: rows * 2 }, (_, i) => Math.fround(i / 7) * 2),
];

/** Containers of a process, or of this file's home. */
async function listContainers(label: string): Promise<string[]> {
  const args = ["ps", "--all", "--format", "{{.Names}}", "--filter", `label=${label}`];
  const { stdout } = await promisify(execFile)("podman", args);
  return stdout.split("\n").filter((line) => line !== "");
}

describe.skipIf(here.skip)(`containers${here.skip ? ` (skipped: ${here.skip})` : ""}`, () => {
  describeEngine("oci", () => fixture(here.engine("oci")));

  it("are spoken to on a port that nothing but they themselves can reach", async () => {
    const model = await imageModel(dir, here.program, "double", overHttp);
    expect(await doubled(here.engine("oci"), model, 300)).toEqual(doubles(300));
  });

  it("that answer with an error status fail the shard with it", async () => {
    const model = await imageModel(dir, here.program, "status", overHttp);
    const engine = here.engine("oci");
    await expect(engine.load(model.manifest, dir)).rejects.toMatchObject({
      code: "model_unloadable",
      message: expect.stringContaining("the server answered 503"),
    });
  });

  it("read the model's other files, whoever may read them outside", async () => {
    const model = await imageModel(dir, here.program, "weights");
    await mkdir(join(dir, "deep"), { recursive: true });
    await writeFile(join(dir, "deep/weights.bin"), "0.25 0.5", { mode: 0o600 });
    const files = [...model.manifest.files, { path: "deep/weights.bin", sha256: ZEROS, bytes: 8 }];
    const session = await here.engine("oci").load({ ...model.manifest, files }, dir);
    await expect(session.run(rowsOfTwo(1), 1, PATIENT)).rejects.toThrow("weights: 0.25 0.5");
    await session.close();
  });

  it("of a runner that is gone are ended at the next start, and nobody else's", async () => {
    const labels = await labelContainers(here.home);
    const { manifest } = await imageModel(dir, here.program, "slow");
    const session = await here.engine("oci").load(manifest, dir);
    const cli = createContainerCli("podman");
    const [alive = ""] = await listContainers(`${PROCESS_LABEL}=${labels[PROCESS_LABEL]}`);
    const image = await cli.call(["container", "inspect", "--format", "{{.Image}}", alive]);
    const lost = { ...labels, [PROCESS_LABEL]: "999999999.1" };
    const marks = Object.entries(lost).flatMap(([key, value]) => ["--label", `${key}=${value}`]);
    await cli.call(["create", ...marks, image]);
    expect(await listContainers(`${PROCESS_LABEL}=999999999.1`)).toHaveLength(1);
    await sweepContainers(cli, labels);
    expect(await listContainers(`${PROCESS_LABEL}=999999999.1`)).toEqual([]);
    expect(await listContainers(`${PROCESS_LABEL}=${labels[PROCESS_LABEL]}`)).toEqual([alive]);
    await session.close();
  });

  it("leave none behind when their session is closed", async () => {
    const model = await imageModel(dir, here.program, "double");
    expect(await doubled(here.engine("oci"), model, 1)).toEqual(doubles(1));
    const label = `${HOME_LABEL}=${(await labelContainers(here.home))[HOME_LABEL]}`;
    await expect.poll(() => listContainers(label), { timeout: 5_000 }).toEqual([]);
  });

  it("end with a runner that is killed, though none is started again", { timeout: 30_000 }, async () => {
    const { manifest } = await imageModel(dir, here.program, "slow");
    const program = `
      const { openOci } = await import(${JSON.stringify(new URL("./open-oci.ts", import.meta.url).href)});
      const { labelContainers } = await import(${JSON.stringify(new URL("./container-identity.ts", import.meta.url).href)});
      const home = ${JSON.stringify(here.home)};
      const [engine] = await openOci({ home, threads: 1, memory_bytes_max: null, levels: ["oci"] });
      await engine.load(${JSON.stringify(manifest)}, ${JSON.stringify(dir)});
      console.log((await labelContainers(home))[${JSON.stringify(PROCESS_LABEL)}]);
    `;
    const runner = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
      detached: true,
    });
    const [line] = await once(runner.stdout, "data");
    const label = `${PROCESS_LABEL}=${String(line).trim()}`;
    expect(await listContainers(label)).toHaveLength(1);
    process.kill(-(runner.pid ?? 0), "SIGKILL");
    await expect.poll(() => listContainers(label), { timeout: 15_000, interval: 200 }).toEqual([]);
  });

  const gvisor = here.has("gvisor") ? null : here.reasons;
  describe.skipIf(gvisor)(`in gVisor${gvisor ? ` (skipped: ${gvisor})` : ""}`, () => {
    describeEngine("oci in gvisor", () => fixture(here.engine("gvisor")));

    it("are spoken to on a port there too", async () => {
      const model = await imageModel(dir, here.program, "double", overHttp);
      expect(await doubled(here.engine("gvisor"), model, 2)).toEqual(doubles(2));
    });

    it("are offered at that level", () => {
      expect(here.engine("gvisor").offer).toEqual({
        engine: "oci",
        version: "1",
        execution_provider: "cpu",
        formats: ["oci"],
        sandbox: "gvisor",
      });
    });
  });
});
