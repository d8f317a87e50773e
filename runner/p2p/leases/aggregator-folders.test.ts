import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NetworkId } from "@infernet/schemas/commitment";
import { LIMITS } from "@infernet/schemas/limits";
import { expect, test } from "vitest";
import { forgetAggregators, openAggregatorFolder } from "./aggregator-folders.ts";

const networks = ["A", "B", "C"].map((letter) => NetworkId.parse(`net_${letter.repeat(42)}A`));

test("what was signed for a network is forgotten a week after the last work for it", async () => {
  const home = await mkdtemp(join(tmpdir(), "infernet-folders-"));
  try {
    await forgetAggregators(home, Date.now());
    const [old, worked, fresh] = await Promise.all(
      networks.map((network) => openAggregatorFolder(home, network)),
    );
    await writeFile(join(worked ?? "", "signed-leases"), "a lease");
    const long_ago_s = (Date.now() - LIMITS.aggregator_remembered_ms) / 1_000 - 60;
    for (const folder of [old, worked]) await utimes(folder ?? "", long_ago_s, long_ago_s);
    await forgetAggregators(home, Date.now());
    expect((await readdir(join(home, "aggregators"))).sort()).toEqual(networks.slice(1));
    expect(fresh).toBe(join(home, "aggregators", networks[2] ?? ""));
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});
