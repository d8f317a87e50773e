import { ProviderRefusal } from "../p2p/jobs/provider-refusal.ts";
import { PeerFault } from "../p2p/stream/peer-fault.ts";
import { RunnerError } from "../runner-error.ts";

/** What kept a direct job from being done, for a person. What is no such thing is given back as it is. */
export function explainDirect(error: unknown): unknown {
  if (error instanceof ProviderRefusal)
    return new RunnerError(
      "provider_refused",
      `the provider refuses the job (${error.code}): ${error.message.replace(/\.$/, "")}. ${error.hint.replace(/\.$/, "")}`,
      { cause: error },
    );
  if (error instanceof PeerFault) {
    const isAway = error.kind === "gone" || error.kind === "slow" || error.kind === "refused";
    return new RunnerError(isAway ? "provider_away" : "provider_wrong", error.message, { cause: error });
  }
  // Its class is loaded only where a chain is asked.
  if (error instanceof Error && error.name === "EscrowError")
    return new RunnerError("chain_refused", error.message, { cause: error });
  return error;
}
