import type { RunnerId } from "@infernet/schemas/ids";
import type { Standing } from "../dispatcher/standing.ts";

/** What a runner ought to know although it was welcomed, one sentence each. */
export function registrationWarnings(id: RunnerId, { duty }: Pick<Standing, "duty">): string[] {
  if (duty !== "none") return [];
  return [
    "This runner offers to decide disagreements and gets no work until the operator of the network trusts it: " +
      `PUT /providers/${id}/referee {"trusted": true}, with the operator's key.`,
  ];
}
