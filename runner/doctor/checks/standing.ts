import { renderBan } from "../../explain-ban.ts";
import { findIdentity } from "../../identity/identity.ts";
import { RunnerError } from "../../runner-error.ts";
import { EdgeRefusal, EdgeUnreachable } from "../../transport/edge-error.ts";
import { createHttpEdgeClient } from "../../transport/http-edge-client.ts";
import { type Check, type Finding, fail, pass, warn } from "../check.ts";
import { edgeOfPatient } from "../edge-of-patient.ts";

/** Whether the edge knows this machine, and lets it work. */
export const checkStanding: Check = {
  name: "standing",
  examine: async (patient, signal) => {
    const edge = await edgeOfPatient(patient);
    if (edge === null) return warn("no edge to ask", "Mend the check `edge` first.");
    try {
      const identity = await findIdentity(patient.home);
      const ban = await createHttpEdgeClient({ edge, identity }).getBan(signal);
      if (ban === null) return pass("registered, and in good standing");
      return fail(renderBan(ban), "To object, run `infernet-runner appeal --message TEXT`.");
    } catch (error) {
      return explain(error);
    }
  },
};

function explain(error: unknown): Finding {
  if (error instanceof RunnerError) return pass("not registered; the first start does it");
  if (error instanceof EdgeRefusal && error.code === "not_found")
    return pass("not registered; the first start does it");
  if (error instanceof EdgeRefusal)
    return fail(error.message, "Mend the checks `clock` and `identity` first.");
  if (error instanceof EdgeUnreachable)
    return warn("the edge cannot be asked", "Mend the check `edge` first.");
  throw error;
}
