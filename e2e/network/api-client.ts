import { BINARY_TYPE } from "@infernet/schemas/binary";
import { type Bytes, type Sha256, sha256 } from "@infernet/schemas/digest";
import type { JobId, RunnerId } from "@infernet/schemas/ids";
import { Job, type JobRequest, JobSummary, Quote } from "@infernet/schemas/job";
import type { JobEvent } from "@infernet/schemas/job-event";
import { Model, type ModelRegistration } from "@infernet/schemas/model";
import { pageOf } from "@infernet/schemas/page";
import { Problem } from "@infernet/schemas/problem";
import { Provider } from "@infernet/schemas/provider";
import type { Tensor } from "@infernet/schemas/tensor";
import { decodeTensors } from "@infernet/schemas/tensors-binary";
import { Delivery, WebhookKey } from "@infernet/schemas/webhook";
import type { z } from "zod";
import { readEventStream } from "./event-stream.ts";

/** What a caller writes; members with defaults may be left out. */
export type JobInput = z.input<typeof JobRequest>;

export interface ApiAnswer {
  status: number;
  headers: Headers;
  body: unknown;
}

/** An answer of the edge that is a problem (RFC 9457). */
export class ApiProblem extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.code}: ${problem.detail} ${problem.hint}`);
    this.name = "ApiProblem";
    this.problem = problem;
  }
}

/** The HTTP API of an edge with one account's key. Methods throw `ApiProblem`; `send` gives any answer as it is. */
export class ApiClient {
  readonly url: string;
  readonly key: string;

  constructor(url: string, key: string) {
    this.url = url;
    this.key = key;
  }

  async fetch(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (!headers.has("Authorization")) headers.set("Authorization", `Bearer ${this.key}`);
    return fetch(`${this.url}${path}`, { ...init, method, headers });
  }

  /** One JSON request, answered by whatever the edge says. */
  async send(
    method: string,
    path: string,
    json?: unknown,
    headers: Record<string, string> = {},
  ): Promise<ApiAnswer> {
    const response = await this.fetch(
      method,
      path,
      json === undefined
        ? { headers }
        : { headers: { "Content-Type": "application/json", ...headers }, body: JSON.stringify(json) },
    );
    const text = await response.text();
    const body: unknown = text === "" ? null : JSON.parse(text);
    return { status: response.status, headers: response.headers, body };
  }

  async createJob(job: JobInput, headers: Record<string, string> = {}): Promise<Job> {
    return Job.parse(await this.#json("POST", "/jobs", job, headers));
  }

  async quote(job: JobInput): Promise<Quote> {
    return Quote.parse(await this.#json("POST", "/jobs/quote", job));
  }

  async getJob(id: JobId): Promise<Job> {
    return Job.parse(await this.#json("GET", `/jobs/${id}`));
  }

  async cancelJob(id: JobId): Promise<Job> {
    return Job.parse(await this.#json("DELETE", `/jobs/${id}`));
  }

  async listJobs(query = ""): Promise<z.infer<typeof JobPage>> {
    return JobPage.parse(await this.#json("GET", `/jobs${query}`));
  }

  async getResult(id: JobId): Promise<Tensor[]> {
    const response = await this.fetch("GET", `/jobs/${id}/result`, { headers: { Accept: BINARY_TYPE } });
    if (!response.ok) throw new ApiProblem(Problem.parse(await response.json()));
    return decodeTensors(new Uint8Array(await response.arrayBuffer()));
  }

  /** The job's events after the one with this id, and then as they happen, over one connection. */
  async *streamEvents(id: JobId, last?: number | string): AsyncGenerator<JobEvent> {
    const response = await this.fetch("GET", `/jobs/${id}/events`, {
      headers: last === undefined ? {} : { "Last-Event-ID": String(last) },
    });
    if (!response.ok) throw new ApiProblem(Problem.parse(await response.json()));
    if (response.body) yield* readEventStream(response.body);
  }

  async listDeliveries(id: JobId): Promise<Delivery[]> {
    return DeliveryPage.parse(await this.#json("GET", `/jobs/${id}/deliveries`)).data;
  }

  async getProvider(id: RunnerId): Promise<Provider> {
    return Provider.parse(await this.#json("GET", `/providers/${id}`));
  }

  /** The job's receipt as it came, to be kept and checked. */
  async getReceipt(id: JobId): Promise<string> {
    const response = await this.fetch("GET", `/jobs/${id}/receipt`);
    if (!response.ok) throw new ApiProblem(Problem.parse(await response.json()));
    return response.text();
  }

  async webhookKey(): Promise<string> {
    return WebhookKey.parse(await this.#json("GET", "/webhooks/key")).public_key;
  }

  async putBlob(bytes: Bytes): Promise<Sha256> {
    const digest = await sha256(bytes);
    const response = await this.fetch("PUT", `/blobs/${digest}`, { body: bytes });
    if (!response.ok) throw new ApiProblem(Problem.parse(await response.json()));
    await response.body?.cancel();
    return digest;
  }

  async registerModel(registration: z.input<typeof ModelRegistration>): Promise<Model> {
    return Model.parse(await this.#json("POST", "/models", registration));
  }

  async #json(
    method: string,
    path: string,
    json?: unknown,
    headers?: Record<string, string>,
  ): Promise<unknown> {
    const { status, body } = await this.send(method, path, json, headers);
    if (status >= 400) throw new ApiProblem(Problem.parse(body));
    return body;
  }
}

const JobPage = pageOf(JobSummary);
const DeliveryPage = pageOf(Delivery);
