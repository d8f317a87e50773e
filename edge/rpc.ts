import { type ErrorCode, type ErrorContext, InfernetError } from "@infernet/schemas/errors";

/** What an object's method gives: an error thrown across RPC would lose its code on the way. */
export type Answer<T> =
  | { ok: true; value: T }
  | { ok: false; code: ErrorCode; detail: string; context: ErrorContext };

/** Runs an object's method; a catalogued failure becomes part of the answer, anything else stays an exception. */
export async function answer<T>(work: () => T | Promise<T>): Promise<Answer<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    if (!(error instanceof InfernetError)) throw error;
    return { ok: false, code: error.code, detail: error.message, context: error.context };
  }
}

/** The value of an answer, or its failure thrown again on this side. */
export function unwrap<T>(answered: Answer<T>): T {
  if (answered.ok) return answered.value;
  throw new InfernetError(answered.code, answered.detail, answered.context);
}
