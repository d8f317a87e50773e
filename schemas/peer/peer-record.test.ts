import { hex } from "@scure/base";
import { describe, expect, test } from "vitest";
import { Sha256 } from "../digest.ts";
import { RunnerId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { samplePeerRecord } from "../testing/sample-peer-record.ts";
import { createTestSigner } from "../testing/sign-commitment.ts";
import attestationInvalid from "../vectors/attestation.invalid.json";
import attestationValid from "../vectors/attestation.valid.json";
import recordInvalid from "../vectors/peer-record.invalid.json";
import recordValid from "../vectors/peer-record.valid.json";
import { readAttestation } from "./attestation.ts";
import { labelDigest, labelsOf, recordKey, runnerOfRecordKey } from "./discovery-label.ts";
import { readPeerRecord, signPeerRecord } from "./peer-record.ts";
import { parseRecordText, renderRecordText } from "./peer-record-text.ts";

describe("a peer's record", () => {
  test.each(recordValid)("is believed: $why", async ({ now_ms, bytes, record, key, labels }) => {
    const read = await readPeerRecord(hex.decode(bytes), now_ms);
    if (!read.ok) throw new Error(read.fault);
    expect(read.value.record).toEqual(record);
    expect(recordKey(read.value.record.runner)).toEqual(new TextEncoder().encode(key));
    const digests = labelsOf(read.value.record).map(async (label) => ({
      label,
      sha256: await labelDigest(label),
    }));
    expect(await Promise.all(digests)).toEqual(labels);
  });

  test.each(recordInvalid)("is $fault: $why", async ({ now_ms, bytes, fault }) => {
    expect(await readPeerRecord(hex.decode(bytes), now_ms)).toEqual({ ok: false, fault });
  });

  test("is read as it was signed, and goes through JSON unchanged", async () => {
    const { id, key } = await createTestSigner(7);
    const record = samplePeerRecord({ runner: id });
    const sign = async (bytes: Uint8Array<ArrayBuffer>) =>
      new Uint8Array(await crypto.subtle.sign("Ed25519", key, bytes));
    const signed = await signPeerRecord(record, sign);

    const bytes = parseRecordText(renderRecordText(signed.bytes));

    expect(await readPeerRecord(bytes, record.issued_ms)).toEqual({ ok: true, value: signed });
  });

  test("is not signed when it is longer than anybody takes", async () => {
    const attestations = Array.from({ length: 4 }, () => "A".repeat((LIMITS.attestation_bytes_max * 4) / 3));
    const addresses = Array.from({ length: 16 }, () => `/dns4/${"a".repeat(240)}`);
    const models = Array.from({ length: 64 }, (_, n) => Sha256.parse(n.toString(16).padStart(64, "0")));
    const record = samplePeerRecord({ attestations, addresses, models });
    await expect(signPeerRecord(record, () => new Uint8Array(64))).rejects.toThrow(/at most 16384/);
  });
});

describe("an attestation", () => {
  test.each(attestationValid)("is taken: $why", async ({ now_ms, runner, bytes, attestation }) => {
    expect(await readAttestation(hex.decode(bytes), RunnerId.parse(runner), now_ms)).toEqual(attestation);
  });

  test.each(attestationInvalid)("is none: $why", async ({ now_ms, runner, bytes }) => {
    expect(await readAttestation(hex.decode(bytes), RunnerId.parse(runner), now_ms)).toBeNull();
  });
});

test.each(["/infernet-peer/run_x", "/infernet-peers/", `/infernet/run_${"a".repeat(52)}`, ""])(
  "%j is nobody's key in the DHT",
  (key) => {
    expect(runnerOfRecordKey(new TextEncoder().encode(key))).toBeNull();
  },
);
