import type { ShardResult, SubmissionReceipt } from "@infernet/schemas/runner";

type Named = Pick<ShardResult, "lease_id">;

export const accepted = ({ lease_id }: Named): SubmissionReceipt => ({
  lease_id,
  status: "accepted",
  code: null,
  detail: null,
});

/** @param code the rule that was broken; none of them convicts anybody */
export const refused = ({ lease_id }: Named, code: string, detail: string): SubmissionReceipt => ({
  lease_id,
  status: "refused",
  code,
  detail,
});
