import { Sha256 } from "@infernet/schemas/digest";
import { InfernetError } from "@infernet/schemas/errors";
import type { Lease, RowRange } from "@infernet/schemas/runner";
import { createClientKey } from "@infernet/schemas/sealing/client-key";
import { openResult } from "@infernet/schemas/sealing/open-result";
import { sealJob } from "@infernet/schemas/sealing/seal-job";
import type { Tensor } from "@infernet/schemas/tensor";
import { concatRows, gatherRows } from "@infernet/schemas/tensor-rows";
import { encodeTensors } from "@infernet/schemas/tensors-binary";
import { createTestSealer, flipBit } from "@infernet/schemas/testing/test-sealing";
import { describe, expect, it } from "vitest";
import { EngineFailure } from "../engine/engine-failure.ts";
import { renderFailure } from "../work/shard-failure.ts";
import { createUnseal } from "./unseal.ts";

const ROWS = 6;
const model = Sha256.parse("1".repeat(64));
const [anna, bert] = [await createTestSealer(1), await createTestSealer(2)];
const key = await createClientKey();
const input: Tensor = {
  ...{ name: "x", datatype: "FP32", shape: [ROWS, 2] },
  data: new Uint8Array(Float32Array.from({ length: ROWS * 2 }, (_, n) => n / 3).buffer),
};
const manifest = { outputs: [{ name: "y", datatype: "FP32" as const, shape: [null, 2] }] };
const sealed = await sealJob({ model, inputs: [input], providers: [anna, bert], client_key: key.public_key });
const { encryption } = sealed.request;

/** The lease of one of the providers on rows of the job. */
function leaseFor(
  provider: typeof anna,
  rows: [RowRange, ...RowRange[]],
): Lease["sealing"] & { rows: RowRange[] } {
  const grant = encryption.grants.find((one) => one.provider === provider.id);
  if (grant === undefined) throw new Error("it was granted to both");
  const { sealing_id, client_key, inputs } = encryption;
  const { enc, sealed_key } = grant;
  return { sealing_id, client_key, inputs, grant: { enc, sealed_key }, rows };
}

const asLease = ({ rows, ...sealing }: ReturnType<typeof leaseFor>) => ({ model, rows, sealing });

/** What comes with the lease: the sealed rows that it names. */
function sealedRows(rows: readonly RowRange[]): Tensor[] {
  return sealed.request.input.tensors.map(({ blob: _, ...described }, n) => {
    const data = sealed.blobs[n]?.bytes ?? new Uint8Array();
    return gatherRows({ ...described, data }, rows);
  });
}

const unsealOf = (provider: typeof anna) => createUnseal(provider.id, provider.opening);
const apart: [RowRange, ...RowRange[]] = [
  { start: 1, count: 2 },
  { start: 5, count: 1 },
];

describe("a sealed lease", () => {
  it("is opened for the model, and two providers seal equal rows to equal bytes", async () => {
    const handedIn: Tensor[][] = [];
    for (const provider of [anna, bert]) {
      const lease = asLease(leaseFor(provider, apart));
      const { inputs, seal } = await unsealOf(provider)(lease, sealedRows(apart));
      expect(inputs).toEqual([gatherRows(input, apart)]);
      handedIn.push([...(await seal([{ ...concatRows(inputs), name: "y" }], manifest))]);
    }
    expect(handedIn[0]).toEqual(handedIn[1]);
    expect(handedIn[0]).toMatchObject([{ name: "y", datatype: "UINT8", shape: [3, 36] }]);
  });

  it("comes together again, from the shards of several providers, when the client opens the result", async () => {
    const parts: Tensor[] = [];
    for (const [provider, start] of [
      [anna, 0],
      [bert, 3],
    ] as const) {
      const rows: [RowRange] = [{ start, count: 3 }];
      const { inputs, seal } = await unsealOf(provider)(asLease(leaseFor(provider, rows)), sealedRows(rows));
      parts.push(...(await seal([{ ...concatRows(inputs), name: "y" }], manifest)));
    }
    const result = encodeTensors([concatRows(parts)]);
    const { sealing_id } = sealed;
    const opened = await openResult({
      ...{ sealing_id, model, encryption, key, result },
      ...{ outputs: manifest.outputs, rows: ROWS },
    });
    expect(opened).toEqual([{ ...input, name: "y" }]);
  });

  it("is not opened with another's grant, one that was changed, or rows that were moved", async () => {
    const unseal = unsealOf(anna);
    const lease = leaseFor(anna, apart);
    const wrong = [
      [asLease(leaseFor(bert, apart)), sealedRows(apart), `granted to ${anna.id} does not open`],
      [
        asLease({ ...lease, grant: { ...lease.grant, sealed_key: flipBit(lease.grant.sealed_key, 40) } }),
        sealedRows(apart),
        "does not open",
      ],
      [asLease(lease), sealedRows([{ start: 0, count: 3 }]), "row 1 of 'x' does not open"],
      [asLease(lease), sealedRows([{ start: 1, count: 2 }]), "which are not 3 sealed rows of it"],
    ] as const;
    for (const [given, rows, said] of wrong) {
      const failure = await unseal(given, rows).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(InfernetError);
      expect(renderFailure(failure, true)).toEqual({
        code: "input_mismatch",
        detail: expect.stringContaining(said),
      });
    }
    // A grant that did not open is not remembered: the client may have granted anew.
    await expect(unseal(asLease(lease), sealedRows(apart))).resolves.toMatchObject({
      inputs: [{ name: "x" }],
    });
  });

  it("keeps what a model says of its rows from the edge, and tells the runner's own words", () => {
    const spoken = new EngineFailure("engine_error", "no such word: 'my secret'");
    expect(renderFailure(spoken, true)).toEqual({
      code: "engine_error",
      detail: expect.not.stringContaining("secret"),
    });
    expect(renderFailure(spoken, false).detail).toContain("secret");
  });
});

it("hands on what is not sealed as it is", async () => {
  const { inputs, seal } = await unsealOf(anna)({ model, rows: [{ start: 0, count: ROWS }] }, [input]);
  expect(inputs).toEqual([input]);
  const outputs = [{ ...input, name: "y" }];
  expect(await seal(outputs, manifest)).toBe(outputs);
});
