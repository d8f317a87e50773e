import { sampleAccount, sampleJob, sampleRunner } from "@infernet/protocol/testing/sample-ids";
import { Sha256 } from "@infernet/schemas/digest";
import { formatLeaseId, partitionOf, type RunnerId } from "@infernet/schemas/ids";
import type { Capability, Lease } from "@infernet/schemas/runner";
import { Exchange, type LeaseQuestion, type NewOffer } from "../dispatcher/exchange.ts";
import type { Standing } from "../dispatcher/standing.ts";

export const CAPABILITY: Capability = {
  engines: [
    { engine: "onnx", version: "1.30.0", execution_provider: "cpu", formats: ["onnx"], sandbox: "none" },
  ],
  memory_bytes: 4_000,
  cpu_cores: 1,
  gpus: [],
};

export const MODEL = { digest: Sha256.parse("0".repeat(64)), name: null };

export const STANDING: Standing = { duty: "work", passed: 0, groups: [], cores: null, ban: null };

type Answer = Awaited<ReturnType<ConstructorParameters<typeof Exchange>[0]["lease"]>>;

/** A question to a job that the test answers when it likes. */
export interface OpenQuestion extends LeaseQuestion {
  answer: (leases: number, ready: number) => void;
  refuse: (error: Error) => void;
}

/** An exchange with a clock to move, whose jobs answer as `reply` says, or when the test has them answer. */
export class TestExchange {
  readonly questions: OpenQuestion[] = [];
  readonly exchange: Exchange;
  now_ms = 1_000_000;

  constructor(reply: ((question: LeaseQuestion) => [leases: number, ready: number]) | null = null) {
    this.exchange = new Exchange({
      now: () => this.now_ms,
      random: () => 0.5,
      lease: (question) => {
        const { promise, resolve, reject } = Promise.withResolvers<Answer>();
        const answer: OpenQuestion["answer"] = (leases, ready) =>
          resolve({ leases: createLeases(question, leases), ready });
        this.questions.push({ ...question, answer, refuse: reject });
        if (reply !== null) answer(...reply(question));
        return promise;
      },
    });
  }

  /** Introduces the runners from number `from` on. */
  introduce(count: number, from = 0): RunnerId[] {
    const runners = Array.from({ length: count }, (_, n) => sampleRunner(from + n));
    for (const runner of runners) this.exchange.introduce(runner, CAPABILITY, STANDING);
    return runners;
  }

  poll(runner: RunnerId, wait_ms = 20_000, leases_max = 16): Promise<Lease[] | null> {
    return this.exchange.poll(runner, leases_max, wait_ms);
  }

  offer(job: number, ready: number, more: Partial<NewOffer> & { client?: number } = {}): void {
    const { client = 1, ...rest } = more;
    const need = { engine: "onnx", format: "onnx", memory_bytes: 1_000 } as const;
    const of = { job_id: sampleJob(job), account_id: sampleAccount(client), model: MODEL };
    const offer = { ...of, need, ready, assigned: [] };
    this.exchange.offer({ ...offer, ...rest });
  }

  /** The numbers of the jobs that were asked for leases, in order. */
  asked(): number[] {
    return this.questions.map(({ job_id }) => Number.parseInt(job_id.slice(-8), 16));
  }
}

function createLeases({ job_id }: LeaseQuestion, count: number): Lease[] {
  return Array.from({ length: count }, (_, n) => ({
    id: formatLeaseId(partitionOf(job_id), "0".repeat(32), n),
    job_id,
    shard: n,
    model: Sha256.parse("0".repeat(64)),
    rows: [{ start: n, count: 1 }],
    inputs: [],
    expires_ms: 0,
    lease_ms: 15_000,
    deadline_ms: 0,
  }));
}
