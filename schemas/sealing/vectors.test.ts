import { hex } from "@scure/base";
import { expect, test } from "vitest";
import { z } from "zod";
import { Sha256 } from "../digest.ts";
import { SealedInput, SealingId, SealingKey, WrappedKey, X25519Key } from "../encryption.ts";
import { RunnerId } from "../ids.ts";
import { RowRange } from "../runner.ts";
import { TensorSpec } from "../tensor.ts";
import json from "../vectors/sealing.valid.json";
import { deriveRecordKeys, deriveSealingId } from "./content-key.ts";
import { openRows } from "./open-rows.ts";
import { renderAad, renderAadPrefix } from "./record-aad.ts";
import { createWebCipher } from "./record-cipher.ts";
import { sealRows } from "./seal-rows.ts";
import { isSealingKeyOf, sealingKeyStatement } from "./sealing-key.ts";
import { decodeKey, openingKeyOf } from "./suite.ts";
import { unwrapKey } from "./wrap-key.ts";

const Hex = z.string().transform((text) => new Uint8Array(hex.decode(text)));
const { shape, datatype } = SealedInput.shape;
const vectors = z
  .object({
    content_key: Hex,
    sealing_id: SealingId,
    model: Sha256,
    client_key: X25519Key,
    record_keys: z.record(z.enum(["input", "output"]), z.object({ aead: Hex, nonce: Hex })),
    sealing_key: z.object({ provider: RunnerId, ...SealingKey.shape, statement: Hex }),
    grants: z.array(
      z.object({
        holder: z.union([RunnerId, z.literal("client")]),
        private_key: z.string(),
        public_key: X25519Key,
        ...WrappedKey.shape,
      }),
    ),
    rows: z.array(
      z.object({
        why: z.string(),
        direction: z.enum(["input", "output"]),
        spec: TensorSpec,
        rows: z.int(),
        ranges: z.array(RowRange),
        plain: z.object({ shape, data: Hex }),
        aad_of_first_record: Hex,
        sealed: z.object({ datatype, shape, data: Hex }),
      }),
    ),
  })
  .parse(json);

test("a content key has the name and the keys that the vectors say", () => {
  const { content_key, sealing_id, record_keys } = vectors;
  expect(deriveSealingId(content_key)).toBe(sealing_id);
  expect(deriveRecordKeys(content_key, "input")).toEqual(record_keys.input);
  expect(deriveRecordKeys(content_key, "output")).toEqual(record_keys.output);
});

test("a provider's statement of its sealing key verifies with the key that its id spells", async () => {
  const { provider, statement, ...key } = vectors.sealing_key;
  expect(sealingKeyStatement(key.public_key)).toEqual(statement);
  expect(await isSealingKeyOf(provider, key)).toBe(true);
  expect(await isSealingKeyOf(provider, { ...key, public_key: vectors.client_key })).toBe(false);
});

test.each(vectors.grants)("the key that was granted to $holder opens", async (grant) => {
  const { holder, private_key, public_key, ...wrapped } = grant;
  const { sealing_id, model, client_key } = vectors;
  const opening = await openingKeyOf(decodeKey(private_key), public_key);
  expect(await unwrapKey(wrapped, opening, { sealing_id, model, holder, client_key })).toEqual(
    vectors.content_key,
  );
});

test.each(vectors.rows)("sealed to the byte: $why", async (vector) => {
  const { direction, spec, rows, ranges, plain, sealed, aad_of_first_record } = vector;
  const { sealing_id, content_key } = vectors;
  const cipher = await createWebCipher(deriveRecordKeys(content_key, direction));
  const what = { sealing_id, direction, spec, rows };
  const { name } = spec;
  const tensor = { name, datatype: spec.datatype, ...plain };
  expect(renderAad(renderAadPrefix(what), ranges[0]?.start ?? 0, 0, true)).toEqual(aad_of_first_record);
  expect(await sealRows(tensor, what, ranges, cipher)).toEqual({ name, ...sealed });
  expect(await openRows({ name, ...sealed }, what, ranges, cipher)).toEqual(tensor);
});
