import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createAccount } from "../network/account.ts";
import { Cleanup } from "../network/cleanup.ts";
import { startEdge } from "../network/edge-process.ts";
import { edgeSite } from "../network/namespaces/edge-site.ts";
import { explainNoLab } from "../network/namespaces/explain-no-lab.ts";
import { openLab } from "../network/namespaces/lab.ts";
import { startRunner } from "../network/runner-process.ts";
import { createTempFolder } from "../network/temp-folder.ts";
import { tinyJob, uploadTinyModel } from "./tiny-job.ts";

const JOBS = 40;

const obstacle = await explainNoLab();
if (obstacle !== null) console.warn(`skipped, for want of network namespaces: ${obstacle}`);
const cleanup = new Cleanup();
afterAll(() => cleanup.run());

test.skipIf(obstacle !== null)(
  "a runner behind a symmetric NAT does every job that it polls an edge for",
  async () => {
    const folder = createTempFolder();
    cleanup.add(folder.remove);
    const lab = await openLab();
    cleanup.add(lab.close);
    const [server, home] = [await lab.addServer("server"), await lab.addHome("home", "symmetric")];
    const edge = await startEdge({ state: join(folder.path, "edge"), site: edgeSite(server, cleanup) });
    cleanup.add(edge.program.kill);
    const client = await createAccount(edge, "nat");
    await uploadTinyModel(client);
    const runner = await startRunner({
      edgeUrl: `http://${server.address}:${edge.port}`,
      name: "runner",
      folder: folder.path,
      start: home.start,
    });
    cleanup.add(runner.program.kill);

    const jobs = await Promise.all(
      Array.from({ length: JOBS }, (_, n) => client.createJob(tinyJob(1 + (n % 4)), { Prefer: "wait=30" })),
    );

    expect(jobs.map(({ state }) => state)).toEqual(Array(JOBS).fill("succeeded"));
    expect(jobs.flatMap(({ providers }) => providers.map(({ id }) => id))).toEqual(
      Array(JOBS).fill(runner.id),
    );
  },
);
