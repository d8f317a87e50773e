import { describe, expect, it } from "vitest";
import { Sha256 } from "../digest.ts";
import { ProviderEncryption, type WrappedKey } from "../encryption.ts";
import type { Tensor, TensorSpec } from "../tensor.ts";
import { encodeTensors } from "../tensors-binary.ts";
import { createTestSealer, flipBit } from "../testing/test-sealing.ts";
import { createClientKey } from "./client-key.ts";
import { createContentKey, deriveRecordKeys, deriveSealingId } from "./content-key.ts";
import { grantProvider } from "./grant-provider.ts";
import { openResult } from "./open-result.ts";
import { openRows } from "./open-rows.ts";
import { createWebCipher } from "./record-cipher.ts";
import { sealJob } from "./seal-job.ts";
import { sealRows } from "./seal-rows.ts";
import { formOf } from "./sealed-form.ts";
import { unwrapKey, wrapKey } from "./wrap-key.ts";

const model = Sha256.parse("1".repeat(64));
const [anna, bert] = [await createTestSealer(1), await createTestSealer(2)];
const key = await createClientKey();
const input: Tensor = { name: "x", datatype: "UINT8", shape: [2, 2], data: Uint8Array.of(1, 2, 3, 4) };
const output: Tensor = { name: "y", datatype: "UINT8", shape: [2, 1], data: Uint8Array.of(3, 7) };
const outputs: TensorSpec[] = [{ name: "y", datatype: "UINT8", shape: [null, 1] }];
const whole = [{ start: 0, count: 2 }];

const sealed = await sealJob({ model, inputs: [input], providers: [anna], client_key: key.public_key });
const { encryption } = sealed.request;
const { sealing_id } = sealed;
const own = { sealing_id, model, encryption, key };
const contextOf = (holder: typeof anna.id) => ({
  ...{ sealing_id, model, holder },
  client_key: key.public_key,
});
const grantOf = (n = 0): WrappedKey => {
  const { provider: _, ...wrapped } = encryption.grants[n] ?? { provider: "" };
  return wrapped as WrappedKey;
};

/** What a granted provider hands in. */
async function computeResult() {
  const content = await unwrapKey(grantOf(), anna.opening, contextOf(anna.id));
  const cipher = await createWebCipher(deriveRecordKeys(content, "output"));
  const what = { sealing_id, direction: "output", spec: formOf(output), rows: 2 } as const;
  return encodeTensors([await sealRows(output, what, whole, cipher)]);
}

describe("a sealed job", () => {
  it("is opened by its provider, whose result the client opens", async () => {
    expect(ProviderEncryption.parse(encryption)).toEqual(encryption);
    const content = await unwrapKey(grantOf(), anna.opening, contextOf(anna.id));
    const cipher = await createWebCipher(deriveRecordKeys(content, "input"));
    const [tensor] = sealed.request.input.tensors;
    const [blob] = sealed.blobs;
    if (tensor === undefined || blob === undefined) throw new Error("there is one input");
    expect(tensor.blob).toBe(blob.sha256);
    const { blob: _, ...form } = tensor;
    const what = { sealing_id, direction: "input", spec: formOf(input), rows: 2 } as const;
    expect(await openRows({ ...form, data: blob.bytes }, what, whole, cipher)).toEqual(input);
    const result = await computeResult();
    expect(await openResult({ ...own, result, outputs, rows: 2 })).toEqual([output]);
  });

  it("does not open for who was not granted it, nor for another model or client", async () => {
    const { opening } = bert;
    await expect(unwrapKey(grantOf(), opening, contextOf(anna.id))).rejects.toThrow("does not open");
    await expect(unwrapKey(grantOf(), anna.opening, contextOf(bert.id))).rejects.toThrow("does not open");
    const others = [
      { model: Sha256.parse("2".repeat(64)) },
      { client_key: (await createClientKey()).public_key },
      { sealing_id: "0".repeat(64) },
    ];
    for (const other of others)
      await expect(unwrapKey(grantOf(), anna.opening, { ...contextOf(anna.id), ...other })).rejects.toThrow(
        "does not open",
      );
  });

  it("is granted to one provider more by its client alone", async () => {
    const { provider, ...wrapped } = await grantProvider(own, bert);
    expect(provider).toBe(bert.id);
    const content = await unwrapKey(wrapped, bert.opening, contextOf(bert.id));
    expect(deriveSealingId(content)).toBe(sealing_id);
    const stranger = { ...own, key: await createClientKey() };
    await expect(grantProvider(stranger, bert)).rejects.toThrow("does not open");
  });

  it("is not granted under a key that its provider did not sign", async () => {
    const swapped = { id: anna.id, sealing_key: bert.sealing_key };
    const options = { model, inputs: [input], client_key: key.public_key };
    await expect(sealJob({ ...options, providers: [swapped] })).rejects.toThrow(
      expect.objectContaining({ code: "sealing_key_invalid" }),
    );
    await expect(sealJob({ ...options, providers: [{ id: anna.id, sealing_key: null }] })).rejects.toThrow(
      "has registered no sealing key",
    );
  });

  it("takes no result under a key that somebody else made for the client", async () => {
    const forged = createContentKey();
    const context = { sealing_id: deriveSealingId(forged), model, client_key: key.public_key };
    const client_grant = await wrapKey(forged, key.public_key, { ...context, holder: "client" });
    const cipher = await createWebCipher(deriveRecordKeys(forged, "output"));
    const what = { ...context, direction: "output", spec: formOf(output), rows: 2 } as const;
    const result = encodeTensors([await sealRows(output, what, whole, cipher)]);
    const forgery = { ...own, encryption: { ...encryption, client_grant }, result, outputs, rows: 2 };
    await expect(openResult(forgery)).rejects.toThrow(expect.objectContaining({ code: "unsealing_failed" }));
    // Wrapped under the name that the client kept, it is still another key than that name commits to.
    const renamed = await wrapKey(forged, key.public_key, { ...context, sealing_id, holder: "client" });
    const other = { ...forgery, encryption: { ...encryption, client_grant: renamed } };
    await expect(openResult(other)).rejects.toThrow(`is not that of ${sealing_id}`);
  });

  it("does not open when any byte of a grant or of the result was changed", async () => {
    for (let at = 0; at < 32; at += 1)
      await expect(
        unwrapKey({ ...grantOf(), enc: flipBit(grantOf().enc, at) }, anna.opening, contextOf(anna.id)),
      ).rejects.toThrow("does not open");
    for (let at = 0; at < 48; at += 1)
      await expect(
        unwrapKey(
          { ...grantOf(), sealed_key: flipBit(grantOf().sealed_key, at) },
          anna.opening,
          contextOf(anna.id),
        ),
      ).rejects.toThrow("does not open");
    const result = await computeResult();
    for (let at = 0; at < result.length; at += 1) {
      const changed = result.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      await expect(openResult({ ...own, result: changed, outputs, rows: 2 })).rejects.toThrow();
    }
    await expect(openResult({ ...own, result, outputs, rows: 1 })).rejects.toThrow("not 1 sealed rows");
  });
});
