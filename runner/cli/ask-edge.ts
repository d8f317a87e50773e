import { RunnerError, type RunnerErrorCode } from "../runner-error.ts";
import { EdgeRefusal, EdgeUnreachable } from "../transport/edge-error.ts";

/**
 * Asks the edge for a person who waits: throws `RunnerError` when it refuses, and when it does not answer.
 * @param what is refused then, as in "the objection"
 */
export async function askEdge<T>(edge: string, what: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof EdgeRefusal) {
      const message = `${edge} refused ${what}. ${error.message}`;
      throw new RunnerError(refusedAs(error.code), message, { cause: error });
    }
    if (error instanceof EdgeUnreachable) throw new RunnerError("edge_away", error.message, { cause: error });
    throw error;
  }
}

function refusedAs(code: string | null): RunnerErrorCode {
  switch (code) {
    case "payout_cooling":
    case "payout_too_small":
      return "payout_refused";
    case "not_found":
      return "runner_unknown";
    default:
      return "edge_refused";
  }
}
