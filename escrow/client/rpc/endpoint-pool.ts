import type { Connection } from "@solana/web3.js";
import { EscrowError } from "../escrow-error.ts";
import type { Endpoint } from "./endpoint.ts";
import { type RpcFailure, readFailure } from "./rpc-failure.ts";

export interface EndpointPoolOptions {
  endpoints: readonly Endpoint[];
  /** How often the whole list is gone through at most. */
  rounds_max: number;
  sleep(ms: number): Promise<void>;
  /** From 0 to 1. */
  random(): number;
}

/** One or more requests that belong together: they all go to one endpoint. */
export type Question<T> = (connection: Connection) => Promise<T>;

/** Several endpoints as one: the next is asked when one fails. */
export interface EndpointPool {
  /** The first answer. Throws rpc_unavailable when nobody gives one. */
  ask<T>(question: Question<T>): Promise<T>;
  /** The answers of two endpoints. Throws rpc_unavailable when fewer give one. */
  askTwo<T>(question: Question<T>): Promise<readonly [T, T]>;
}

export function createEndpointPool(options: EndpointPoolOptions): EndpointPool {
  const { endpoints, rounds_max, sleep, random } = options;
  let preferred = 0;

  async function gather<T>(question: Question<T>, wanted: number): Promise<T[]> {
    const answers: T[] = [];
    const failures = new Map<Endpoint, RpcFailure>();
    const rest = new Set([...endpoints.slice(preferred), ...endpoints.slice(0, preferred)]);
    for (let round = 0; round < rounds_max && rest.size > 0; round += 1) {
      if (round > 0) await sleep(pause_ms(round, random()));
      for (const endpoint of rest) {
        const answer = await askOne(endpoint, question);
        if (answer.failure !== null) {
          failures.set(endpoint, answer.failure);
          if (!answer.failure.retryable) rest.delete(endpoint);
          continue;
        }
        answers.push(answer.value);
        rest.delete(endpoint);
        if (answers.length === 1) preferred = endpoints.indexOf(endpoint);
        if (answers.length === wanted) return answers;
      }
    }
    throw new EscrowError("rpc_unavailable", describe(wanted, answers.length, failures));
  }

  return {
    ask: async <T>(question: Question<T>) => {
      const [one] = await gather(question, 1);
      return one as T;
    },
    askTwo: async <T>(question: Question<T>) => {
      const [one, other] = await gather(question, 2);
      return [one as T, other as T];
    },
  };
}

type Answer<T> = { value: T; failure: null } | { failure: RpcFailure };

/** Errors that do not come from the endpoint are thrown. */
async function askOne<T>(endpoint: Endpoint, question: Question<T>): Promise<Answer<T>> {
  try {
    return { value: await question(await endpoint.connect()), failure: null };
  } catch (error) {
    return { failure: readFailure(error) };
  }
}

const PAUSE_MS = 250;

/** A quarter of a second, doubled with each round, give or take half of it so that clients do not come back together. */
const pause_ms = (round: number, random: number): number => PAUSE_MS * 2 ** (round - 1) * (0.5 + random);

function describe(wanted: number, got: number, failures: ReadonlyMap<Endpoint, RpcFailure>): string {
  const reasons = [...failures].map(([{ name }, { message }]) => `${name}: ${message}`).join("; ");
  return `${got} of ${wanted} answers came: ${reasons || "no endpoint is left to ask"}`;
}
