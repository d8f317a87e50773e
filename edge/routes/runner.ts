import { createRoute, z } from "@hono/zod-openapi";
import { AppealRequest } from "@infernet/schemas/ban";
import { BINARY_TYPE, encodeBinary } from "@infernet/schemas/binary";
import { ChallengeAnswer, ChallengeOffer, MeasuredSpeed } from "@infernet/schemas/challenge";
import { Demand } from "@infernet/schemas/demand";
import { InfernetError } from "@infernet/schemas/errors";
import { LIMITS } from "@infernet/schemas/limits";
import { Ban } from "@infernet/schemas/provider";
import {
  Heartbeat,
  HeartbeatResponse,
  PollRequest,
  type PollResponse,
  RunnerRegistration,
  RunnerWelcome,
  Submission,
  SubmissionResponse,
} from "@infernet/schemas/runner";
import { groupByAggregator } from "../aggregator/aggregator-of.ts";
import { bucketOf } from "../dispatcher/buckets.ts";
import { readDemand } from "../dispatcher/read-demand.ts";
import { clientAddress } from "../http/client-address.ts";
import { createRouter } from "../http/create-router.ts";
import { problemAnswers } from "../http/problem-answers.ts";
import { readBinary } from "../http/read-binary.ts";
import { requireRunner } from "../http/require-runner.ts";
import { loadNetworkKey } from "../network/network-key.ts";
import { assertSealingKey } from "../provider/assert-sealing-key.ts";
import { checkPeerRecord } from "../provider/check-peer-record.ts";
import { groupTags } from "../provider/group-tags.ts";
import { randomBytes } from "../provider/random-bytes.ts";
import { registrationWarnings } from "../provider/registration-warnings.ts";
import { unwrap } from "../rpc.ts";

export const runner = createRouter();

const binary = { schema: { type: "string" as const, format: "binary" } };
const signed = {
  tags: ["Runners"],
  security: [{ runner: [] }],
  middleware: [requireRunner],
};
const problems = problemAnswers("signature_missing", "signature_invalid", "request_invalid", "rate_limited");

const register = createRoute({
  ...signed,
  method: "post",
  path: "/runner/register",
  summary: "Say what this machine can do",
  request: { body: { required: true, content: { "application/json": { schema: RunnerRegistration } } } },
  responses: {
    200: { description: "Registered", content: { "application/json": { schema: RunnerWelcome } } },
    ...problems,
    ...problemAnswers("provider_banned", "sealing_key_invalid"),
  },
});

runner.openapi(register, async (c) => {
  const id = c.get("runner");
  const now_ms = Date.now();
  const { registration, warnings } = await checkPeerRecord(id, c.req.valid("json"), now_ms);
  await assertSealingKey(id, registration.sealing_key);
  const { id: network } = await loadNetworkKey(c.env);
  const groups = await groupTags(c.env, registration, clientAddress(c));
  const standing = unwrap(await c.env.PROVIDER.getByName(id).register(id, registration, groups, now_ms));
  await bucketOf(c.env, id).introduce(id, registration.capability, standing);
  warnings.push(...registrationWarnings(id, standing));
  return c.json({ runner_id: id, network, now_ms, poll_wait_ms: LIMITS.poll_wait_ms_max, warnings }, 200);
});

const poll = createRoute({
  ...signed,
  method: "post",
  path: "/runner/poll",
  summary: "Wait for leases",
  description:
    "Answered as soon as there is work, with several leases at once, or with none when the wait is over.",
  request: { body: { required: true, content: { "application/json": { schema: PollRequest } } } },
  responses: {
    200: { description: "Leases: a PollResponse in CBOR", content: { [BINARY_TYPE]: binary } },
    ...problems,
    ...problemAnswers("runner_unregistered", "provider_banned"),
  },
});

runner.openapi(poll, async (c) => {
  const { leases_max, wait_ms } = c.req.valid("json");
  const id = c.get("runner");
  const bucket = bucketOf(c.env, id);
  let leases = await bucket.poll(id, leases_max, wait_ms);
  if (leases === null) {
    const admission = unwrap(await c.env.PROVIDER.getByName(id).admit());
    if (admission === null) throw new InfernetError("runner_unregistered", `${id} has not registered here`);
    await bucket.introduce(id, admission.capability, admission.standing);
    leases = (await bucket.poll(id, leases_max, wait_ms)) ?? [];
  }
  const response: PollResponse = { leases, now_ms: Date.now() };
  return c.body(encodeBinary(response), 200, { "Content-Type": BINARY_TYPE });
});

const demand = createRoute({
  ...signed,
  method: "get",
  path: "/runner/demand",
  summary: "See what waits for runners",
  description:
    "Shards that wait, by model, with what they need and what they pay: why a machine has no work.",
  responses: {
    200: { description: "What waits, the most first", content: { "application/json": { schema: Demand } } },
    ...problems,
  },
});

runner.openapi(demand, async (c) => c.json(await readDemand(c.env, c.get("runner")), 200));

const leave = createRoute({
  ...signed,
  method: "post",
  path: "/runner/leave",
  summary: "Say that this machine takes no more work",
  description: "A poll that is still parked ends with no leases. Registering again undoes it.",
  request: { body: { required: true, content: { "application/json": { schema: z.strictObject({}) } } } },
  responses: { 204: { description: "Noted" }, ...problems },
});

runner.openapi(leave, async (c) => {
  const id = c.get("runner");
  await bucketOf(c.env, id).leave(id);
  return c.body(null, 204);
});

const appeal = createRoute({
  ...signed,
  method: "post",
  path: "/runner/appeal",
  summary: "Object to a ban",
  description:
    "The operator reads it in the provider's ledger. The first objection to a ban stands; a repeat changes nothing.",
  request: { body: { required: true, content: { "application/json": { schema: AppealRequest } } } },
  responses: {
    200: { description: "The ban, appealed", content: { "application/json": { schema: Ban } } },
    ...problems,
    ...problemAnswers("not_found", "not_banned", "appeal_closed"),
  },
});

runner.openapi(appeal, async (c) => {
  const { detail } = c.req.valid("json");
  return c.json(unwrap(await c.env.PROVIDER.getByName(c.get("runner")).appeal(detail)), 200);
});

const heartbeat = createRoute({
  ...signed,
  method: "post",
  path: "/runner/heartbeat",
  summary: "Renew leases",
  request: { body: { required: true, content: { "application/json": { schema: Heartbeat } } } },
  responses: {
    200: {
      description: "What became of each lease",
      content: { "application/json": { schema: HeartbeatResponse } },
    },
    ...problems,
  },
});

runner.openapi(heartbeat, async (c) => {
  const { leases } = c.req.valid("json");
  const id = c.get("runner");
  const answers = await Promise.all(
    groupByAggregator(c.env, leases).map(([aggregator, held]) => aggregator.heartbeat(id, held)),
  );
  const renewed = answers.flatMap((answer) => answer.renewed);
  return c.json({ renewed, lost: answers.flatMap((answer) => answer.lost) }, 200);
});

const results = createRoute({
  ...signed,
  method: "post",
  path: "/runner/results",
  summary: "Hand in what was computed",
  description: "Safe to repeat: each shard's answer is stored once, and a repeat is told so.",
  request: { body: { required: true, content: { [BINARY_TYPE]: binary } } },
  responses: {
    200: {
      description: "A receipt for each result",
      content: { "application/json": { schema: SubmissionResponse } },
    },
    ...problems,
  },
});

runner.openapi(results, async (c) => {
  const submission = await readBinary(c, Submission);
  const id = c.get("runner");
  const receipts = await Promise.all(
    groupByAggregator(c.env, submission.results).map(([aggregator, own]) => aggregator.submit(id, own)),
  );
  return c.json({ receipts: receipts.flat() }, 200);
});

const challenge = createRoute({
  ...signed,
  method: "post",
  path: "/runner/challenge",
  summary: "Ask for a challenge that measures this machine",
  description:
    "What a machine claims counts only as far as it was measured: chains of PBKDF2, one for each core claimed. The edge's " +
    "clock runs from this answer until the checkpoints come back.",
  request: { body: { required: true, content: { "application/json": { schema: z.strictObject({}) } } } },
  responses: {
    200: {
      description: "A challenge, or when to ask for one",
      content: { "application/json": { schema: ChallengeOffer } },
    },
    ...problems,
    ...problemAnswers("runner_unregistered", "provider_banned"),
  },
});

runner.openapi(challenge, async (c) => {
  const id = c.get("runner");
  return c.json(unwrap(await c.env.PROVIDER.getByName(id).challenge(id)), 200);
});

const octets = { "application/octet-stream": binary };

const probeDown = createRoute({
  ...signed,
  method: "get",
  path: "/runner/bandwidth",
  summary: "Fetch random bytes to time the way here",
  responses: { 200: { description: "Bytes that no compression shortens", content: octets }, ...problems },
});

runner.openapi(probeDown, (c) =>
  c.body(randomBytes(LIMITS.bandwidth_probe_bytes), 200, { "Content-Type": "application/octet-stream" }),
);

const probeUp = createRoute({
  ...signed,
  method: "post",
  path: "/runner/bandwidth",
  summary: "Send bytes to time the way there",
  description: "They are thrown away.",
  request: { body: { required: true, content: octets } },
  responses: { 204: { description: "They have come" }, ...problems },
});

runner.openapi(probeUp, (c) => c.body(null, 204));

const challengeAnswer = createRoute({
  ...signed,
  method: "post",
  path: "/runner/challenge/answer",
  summary: "Answer a challenge",
  description: "A ChallengeAnswer in CBOR. Some segments, drawn at random, are computed anew.",
  request: { body: { required: true, content: { [BINARY_TYPE]: binary } } },
  responses: {
    200: { description: "What was measured", content: { "application/json": { schema: MeasuredSpeed } } },
    ...problems,
    ...problemAnswers("runner_unregistered", "provider_banned", "challenge_gone"),
  },
});

runner.openapi(challengeAnswer, async (c) => {
  const answer = await readBinary(c, ChallengeAnswer);
  const id = c.get("runner");
  return c.json(unwrap(await c.env.PROVIDER.getByName(id).answerChallenge(id, answer)), 200);
});
