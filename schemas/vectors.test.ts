import { hex } from "@scure/base";
import { expect, test } from "vitest";
import type { z } from "zod";
import { decodeBinary, encodeBinary } from "./binary.ts";
import { Challenge, ChallengeAnswer } from "./challenge.ts";
import { canonicalBytes, canonicalDigest, Sha256 } from "./digest.ts";
import { InfernetError } from "./errors.ts";
import * as ids from "./ids.ts";
import { JobRequest } from "./job.ts";
import { JobFact } from "./job-fact.ts";
import { ModelManifest, ModelName, ModelRef } from "./model.ts";
import { MicroAmount } from "./money.ts";
import { Problem } from "./problem.ts";
import { Lease, RunnerRegistration, ShardResult } from "./runner.ts";
import { TensorJson } from "./tensor.ts";
import { assertTensorBytes } from "./tensor-check.ts";
import { parseTensorJson } from "./tensor-json.ts";
import { decodeTensors, encodeTensors } from "./tensors-binary.ts";
import canonicalValid from "./vectors/canonical.valid.json";
import challengeInvalid from "./vectors/challenge.invalid.json";
import challengeValid from "./vectors/challenge.valid.json";
import idsInvalid from "./vectors/ids.invalid.json";
import idsValid from "./vectors/ids.valid.json";
import jobFactInvalid from "./vectors/job-fact.invalid.json";
import jobFactValid from "./vectors/job-fact.valid.json";
import jobRequestInvalid from "./vectors/job-request.invalid.json";
import jobRequestValid from "./vectors/job-request.valid.json";
import leaseInvalid from "./vectors/lease.invalid.json";
import leaseValid from "./vectors/lease.valid.json";
import modelManifestInvalid from "./vectors/model-manifest.invalid.json";
import modelManifestValid from "./vectors/model-manifest.valid.json";
import modelWorkInvalid from "./vectors/model-work.invalid.json";
import modelWorkValid from "./vectors/model-work.valid.json";
import moneyInvalid from "./vectors/money.invalid.json";
import moneyValid from "./vectors/money.valid.json";
import problemInvalid from "./vectors/problem.invalid.json";
import problemValid from "./vectors/problem.valid.json";
import runnerRegistrationInvalid from "./vectors/runner-registration.invalid.json";
import runnerRegistrationValid from "./vectors/runner-registration.valid.json";
import shardResultInvalid from "./vectors/shard-result.invalid.json";
import shardResultValid from "./vectors/shard-result.valid.json";
import tensorsInvalid from "./vectors/tensors.invalid.json";
import tensorsValid from "./vectors/tensors.valid.json";
import tensorsBinaryInvalid from "./vectors/tensors-binary.invalid.json";
import webhookEventInvalid from "./vectors/webhook-event.invalid.json";
import webhookEventValid from "./vectors/webhook-event.valid.json";
import { WebhookEvent } from "./webhook.ts";
import { ModelWork } from "./work.ts";

interface Vector {
  schema: string;
  why: string;
  value: unknown;
  cbor?: string;
}

const { Partition, JobId, LeaseId, RunnerId, AccountId, DeliveryId, RequestId, ShardIndex } = ids;
const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  ...{ Partition, JobId, LeaseId, RunnerId, AccountId, DeliveryId, RequestId, ShardIndex },
  ...{ Sha256, ModelName, ModelRef, ModelManifest, ModelWork, MicroAmount, JobRequest, JobFact, Problem },
  ...{ RunnerRegistration, Challenge, ChallengeAnswer, Lease, ShardResult, WebhookEvent },
};

const valid: Vector[] = [
  ...[
    ...idsValid,
    ...moneyValid,
    ...modelManifestValid,
    ...modelWorkValid,
    ...jobRequestValid,
    ...problemValid,
    ...jobFactValid,
  ],
  ...challengeValid,
  ...[...runnerRegistrationValid, ...leaseValid, ...shardResultValid, ...webhookEventValid],
];
const invalid: Vector[] = [
  ...[
    ...idsInvalid,
    ...moneyInvalid,
    ...modelManifestInvalid,
    ...modelWorkInvalid,
    ...jobRequestInvalid,
    ...problemInvalid,
  ],
  ...[...jobFactInvalid, ...runnerRegistrationInvalid, ...leaseInvalid, ...shardResultInvalid],
  ...challengeInvalid,
  ...webhookEventInvalid,
];

/** In vectors `{ "hex": "00ff" }` stands for a byte string. */
function reviveBytes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reviveBytes);
  if (typeof value !== "object" || value === null) return value;
  if ("hex" in value && typeof value.hex === "string") return new Uint8Array(hex.decode(value.hex));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, reviveBytes(inner)]));
}

const parse = ({ schema, value }: Vector) => SCHEMAS[schema]?.safeParse(reviveBytes(value));

test.each(valid)("$schema accepts $why: $value", (vector) => {
  expect(parse(vector)?.error).toBeUndefined();
  if (!vector.cbor) return;
  const message = reviveBytes(vector.value);
  expect(hex.encode(encodeBinary(message))).toBe(vector.cbor);
  expect(decodeBinary(hex.decode(vector.cbor))).toEqual(message);
});

test.each(invalid)("$schema refuses $why: $value", (vector) => {
  expect(parse(vector)?.success).toBe(false);
});

test.each(canonicalValid)("canonical JSON: $why", async ({ value, canonical, sha256 }) => {
  expect(new TextDecoder().decode(canonicalBytes(value))).toBe(canonical);
  expect(await canonicalDigest(value)).toBe(sha256);
});

test.each(tensorsValid)("tensor from JSON to raw data and CBOR: $why", ({ json, data, cbor }) => {
  const tensor = parseTensorJson(TensorJson.parse(json), "");
  assertTensorBytes(tensor);
  expect(hex.encode(tensor.data)).toBe(data);
  expect(hex.encode(encodeTensors([tensor]))).toBe(cbor);
  expect(decodeTensors(hex.decode(cbor))).toEqual([tensor]);
});

test.each(tensorsInvalid)("a tensor in JSON is refused for $why", ({ json, pointer }) => {
  const refusal = expect.objectContaining({
    code: "input_mismatch",
    context: { errors: [expect.objectContaining({ pointer })] },
  });
  expect(() => parseTensorJson(TensorJson.parse(json), "")).toThrow(refusal);
});

test.each(tensorsBinaryInvalid)("tensors in CBOR are refused for $why", ({ cbor }) => {
  expect(() => decodeTensors(hex.decode(cbor))).toThrow(InfernetError);
});
