import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { viewElements } from "@infernet/schemas/tensor-elements";
import { removeTraces } from "infernet-runner/engine/oci/remove-traces";
import { containersHere } from "infernet-runner/engine/oci/testing/containers-here";
import { imageModel } from "infernet-runner/engine/oci/testing/test-image";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collectEvents } from "../network/follow-job.ts";
import type { RunnerProcess } from "../network/runner-process.ts";
import { tinyJob, uploadTinyModel } from "./tiny-job.ts";
import { useEdge } from "./use-edge.ts";

const ROWS = 60;
const dir = await mkdtemp(join(tmpdir(), "infernet-live-containers-"));
const here = await containersHere(dir);
const CONTAINERS = { INFERNET_CONTAINERS_ENGINE: "podman" };

describe.skipIf(here.skip)(`containers in a network${here.skip ? ` (skipped: ${here.skip})` : ""}`, () => {
  const live = useEdge();
  const runners: RunnerProcess[] = [];

  beforeAll(async () => {
    await uploadTinyModel(live.client);
    for (const name of ["double", "garbage"]) await uploadImage(name);
    runners.push(
      ...(await Promise.all([
        live.addRunner("ada", { environment: CONTAINERS }),
        live.addRunner("grace", { environment: CONTAINERS }),
        live.addRunner("plain"),
      ])),
    );
  });
  afterAll(async () => {
    for (const { home, program } of runners) {
      await program.stop();
      await removeTraces(home);
    }
    await removeTraces(here.home);
    await rm(dir, { recursive: true, force: true });
  });

  async function uploadImage(name: string): Promise<void> {
    const { manifest } = await imageModel(dir, here.program, name);
    await live.client.putBlob(new Uint8Array(await readFile(join(dir, manifest.entry))));
    await live.client.registerModel({ name, manifest });
  }

  const imageJob = (model: string) => {
    const data = Array.from({ length: ROWS * 2 }, (_, i) => i / 4);
    return {
      model,
      input: { tensors: [{ name: "x", datatype: "FP32" as const, shape: [ROWS, 2], data }] },
      requirements: { sandbox: "oci" as const },
      shard_rows: 15,
    };
  };

  test("an image goes in, its rows come out doubled and audited, by machines that hold it to what was asked", async () => {
    const job = await live.client.createJob(imageJob("double"));
    const events = await collectEvents(live.client, job.id);
    expect(events.at(-1)?.type).toBe("job.succeeded");
    const done = await live.client.getJob(job.id);
    expect(done.requirements).toEqual({ sandbox: "oci" });
    expect(done.verification.reached).toMatchObject({ audits_passed: 4, disputes: 0 });
    const able = runners.slice(0, 2).map(({ id }) => id);
    for (const { id } of done.providers) expect(able).toContain(id);
    const [y] = await live.client.getResult(job.id);
    const doubled = [...viewElements("FP32", y?.data.slice() ?? new Uint8Array())];
    expect(doubled).toEqual(Array.from({ length: ROWS * 2 }, (_, i) => i / 2));
  });

  test("an image that prints garbage fails its job with what was seen of it", async () => {
    const job = await live.client.createJob({ ...imageJob("garbage"), verification: { mode: "none" } });
    await collectEvents(live.client, job.id);
    const failed = await live.client.getJob(job.id);
    expect(failed.error).toMatchObject({ code: "shard_failed" });
    expect(failed.error?.detail).toMatch(/output_mismatch.*no frame.*Loading checkpoint shards/);
  });

  test("a job goes to nobody who holds models to less than it asks for", async () => {
    const deadline = new Date(Date.now() + 2_000).toISOString();
    const job = await live.client.createJob(tinyJob(2, { requirements: { sandbox: "gvisor" }, deadline }));
    await collectEvents(live.client, job.id);
    const expired = await live.client.getJob(job.id);
    expect(expired.error).toMatchObject({ code: "deadline_exceeded" });
    expect(expired.error?.detail).toMatch(/none that fits was free/);
  });
});
