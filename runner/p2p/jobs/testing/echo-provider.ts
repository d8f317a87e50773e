import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Bytes, type Sha256, sha256 } from "@infernet/schemas/digest";
import { ModelManifest, manifestDigest } from "@infernet/schemas/model";
import type { Tensor } from "@infernet/schemas/tensor";
import { createEchoEngine } from "../../../engine/echo-engine.ts";
import type { Identity } from "../../../identity/identity.ts";
import { createSessionPool } from "../../../work/session-pool.ts";
import type { DirectDeskDeps } from "../direct-desk.ts";

/** A model that returns its rows of two bytes, after `row_ms` each. */
export async function createEchoModel(
  row_ms = 0,
): Promise<{ model: Sha256; manifest: ModelManifest; file: Bytes }> {
  const file: Bytes = new TextEncoder().encode(JSON.stringify({ echo: ["x"], row_ms }));
  const spec = { datatype: "UINT8", shape: [null, 2] };
  const manifest = ModelManifest.parse({
    engine: "onnx",
    entry: "model.onnx",
    files: [{ path: "model.onnx", sha256: await sha256(file), bytes: file.length }],
    inputs: [{ name: "x", ...spec }],
    outputs: [{ name: "y", ...spec }],
    row_cost_us: 3_600_000,
  });
  return { model: await manifestDigest(manifest), manifest, file };
}

export const rowsOf = (...data: number[]): Tensor[] => [
  { name: "x", datatype: "UINT8", shape: [data.length / 2, 2], data: Uint8Array.from(data) },
];

/** What a provider's desk needs, over the echo engine; free for anybody. */
export async function createEchoDeps(
  home: string,
  identity: Identity,
  row_ms = 0,
): Promise<DirectDeskDeps & { model: Sha256; manifest: ModelManifest }> {
  const { model, manifest, file } = await createEchoModel(row_ms);
  const folder = join(home, "model");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "model.onnx"), file);
  const pool = createSessionPool({
    models_max: 1,
    shards_max: 3,
    idle_ms_max: 60_000,
    load: async () => {
      const session = await createEchoEngine().load(manifest, folder);
      return { manifest, session, close: () => session.close() };
    },
  });
  return {
    identity,
    pool,
    now: Date.now,
    dir: join(home, "direct"),
    policy: { payments: ["free"], allow: null },
    micro_per_core_hour: 0n,
    availability: () => "open",
    manifestOf: async (asked) => {
      if (asked !== model) throw new Error("it is not here");
      return manifest;
    },
    vouchers: null,
    onDone: () => undefined,
    model,
    manifest,
  };
}
