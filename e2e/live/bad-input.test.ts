import { spawnSync } from "node:child_process";
import { LIMITS } from "@infernet/schemas/limits";
import { Problem } from "@infernet/schemas/problem";
import { beforeAll, expect, test } from "vitest";
import { ApiClient } from "../network/api-client.ts";
import { tinyJob, tinyTensor, uploadTinyModel } from "./tiny-job.ts";
import { useEdge } from "./use-edge.ts";

const live = useEdge();
beforeAll(() => uploadTinyModel(live.client));

const NOBODY = "0".repeat(64);
const job = (over: object) => ({ ...tinyJob(2), ...over });
const input = (tensor: object) => job({ input: { tensors: [{ ...tinyTensor(2), ...tensor }] } });

interface Case {
  what: string;
  body: object | string;
  status: number;
  code: string;
  pointer?: string;
}

const cases: Case[] = [
  { what: "text that is not JSON", body: "{", status: 400, code: "request_malformed" },
  {
    what: "an unknown field",
    body: job({ modle: "tiny" }),
    status: 422,
    code: "request_invalid",
    pointer: "/modle",
  },
  {
    what: "a row of another shape",
    body: input({ shape: [2, 5], data: Array(10).fill(0) }),
    status: 422,
    code: "input_mismatch",
    pointer: "/input/tensors/0/shape",
  },
  {
    what: "a number of elements that the shape does not have",
    body: input({ data: [1, 2, 3] }),
    status: 422,
    code: "input_mismatch",
    pointer: "/input/tensors/0/data",
  },
  {
    what: "a datatype that does not widen to the model's",
    body: input({ datatype: "INT64", data: Array(8).fill(0) }),
    status: 422,
    code: "input_mismatch",
    pointer: "/input/tensors/0/datatype",
  },
  { what: "no rows", body: input({ shape: [0, 4], data: [] }), status: 422, code: "input_empty" },
  {
    what: "an offer of NaN",
    body: job({ offer: { max_micro: "NaN" } }),
    status: 422,
    code: "request_invalid",
    pointer: "/offer/max_micro",
  },
  {
    what: "an offer that JSON has no number for",
    body: JSON.stringify(job({ offer: { max_micro: 0 } })).replace(":0", ":NaN"),
    status: 400,
    code: "request_malformed",
  },
  {
    what: "an offer below the price",
    body: job({ offer: { max_micro: "0" } }),
    status: 402,
    code: "offer_too_low",
  },
  {
    what: "a deadline in the past",
    body: job({ deadline: "2020-01-01T00:00:00Z" }),
    status: 422,
    code: "deadline_invalid",
    pointer: "/deadline",
  },
  { what: "an unknown model", body: job({ model: "nobody" }), status: 422, code: "model_unknown" },
  {
    what: "a blob that was never uploaded",
    body: job({ input: { tensors: [{ name: "x", datatype: "FP32", shape: [2, 4], blob: NOBODY }] } }),
    status: 422,
    code: "input_blob_missing",
  },
  {
    what: "a webhook that is not a web address",
    body: job({ webhook: { url: "ftp://example.com" } }),
    status: 422,
    code: "request_invalid",
    pointer: "/webhook/url",
  },
];

test.each(cases)("POST /jobs refuses $what with $status $code", async ({ body, status, code, pointer }) => {
  const response = await live.client.fetch("POST", "/jobs", {
    headers: { "Content-Type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const problem = Problem.parse(await response.json());
  expect({ status: response.status, code: problem.code }).toEqual({ status, code });
  expect(response.headers.get("content-type")).toMatch("application/problem+json");
  expect(problem.request_id).toMatch(/^req_/);
  if (pointer !== undefined) expect(problem.errors?.map((error) => error.pointer)).toContain(pointer);
  const page = await fetch(new URL(problem.type, live.edge.url));
  expect(page.status).toBe(200);
});

test("nothing that was refused has become a job", async () => {
  expect((await live.client.listJobs()).data).toEqual([]);
});

test.each([
  ["a missing key", "", "authentication_missing"],
  ["a key that nobody has", `Bearer infk_${"0".repeat(32)}_${"A".repeat(43)}`, "authentication_failed"],
  ["text that is no key", "Bearer secret", "authentication_failed"],
])("%s is 401 %s", async (_what, authorization, code) => {
  const response = await fetch(`${live.edge.url}/jobs`, {
    headers: authorization === "" ? {} : { Authorization: authorization },
  });
  expect(response.status).toBe(401);
  expect(Problem.parse(await response.json()).code).toBe(code);
});

test("POST /accounts takes the operator's key and no other", async () => {
  const { status } = await live.client.send("POST", "/accounts", { name: "intruder" });
  expect(status).toBe(401);
});

test("a blob whose bytes have another sha256 is refused and not kept", async () => {
  const response = await live.client.fetch("PUT", `/blobs/${NOBODY}`, { body: "other bytes" });
  expect(Problem.parse(await response.json()).code).toBe("digest_mismatch");
  expect((await live.client.fetch("GET", `/blobs/${NOBODY}`)).status).toBe(404);
});

test("a body over the limit is 413", () => {
  // The edge answers before it has read everything and hangs up; fetch then reports a broken pipe, curl the answer.
  const { stdout } = spawnSync(
    "curl",
    ["-s", `${live.edge.url}/jobs`, "-H", `Authorization: Bearer ${live.client.key}`, "--data-binary", "@-"],
    { input: " ".repeat(LIMITS.json_body_bytes_max + 1), encoding: "utf8" },
  );
  expect(Problem.parse(JSON.parse(stdout))).toMatchObject({ status: 413, code: "body_too_large" });
});

test("a model whose file is not there is not registered", async () => {
  const manifest = {
    engine: "onnx",
    entry: "model.onnx",
    files: [{ path: "model.onnx", sha256: NOBODY, bytes: 1 }],
    inputs: [{ name: "x", datatype: "FP32", shape: [null] }],
    outputs: [{ name: "y", datatype: "FP32", shape: [null] }],
  };
  const { status, body } = await live.client.send("POST", "/models", { name: "hollow", manifest });
  expect({ status, code: Problem.parse(body).code }).toEqual({ status: 422, code: "model_file_missing" });
});

test.each([
  ["GET", "/nowhere", 404, "not_found"],
  ["PATCH", "/jobs", 405, "method_not_allowed"],
  ["GET", `/jobs/job_000_${"0".repeat(32)}`, 404, "not_found"],
])("%s %s is %i %s", async (method, path, status, code) => {
  const answer = await live.client.send(method, path);
  expect({ status: answer.status, code: Problem.parse(answer.body).code }).toEqual({ status, code });
});

test("a job of another account does not exist for this one", async () => {
  const { id } = await live.client.createJob(tinyJob(1));
  const { body } = await new ApiClient(live.edge.url, live.edge.operatorKey).send("POST", "/accounts", {
    name: "stranger",
  });
  const key = body !== null && typeof body === "object" && "api_key" in body ? String(body.api_key) : "";
  expect((await new ApiClient(live.edge.url, key).send("GET", `/jobs/${id}`)).status).toBe(404);
});
