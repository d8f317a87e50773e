import type { JobRequest } from "@infernet/schemas/job";
import type { ModelManifest } from "@infernet/schemas/model";

/** What a job asks of machines, with what its model asks of them besides: an image that needs a GPU runs nowhere else. */
export const requirementsOf = (
  { oci }: Pick<ModelManifest, "oci">,
  asked: JobRequest["requirements"],
): JobRequest["requirements"] => (oci?.gpu === true ? { ...asked, execution_provider: "cuda" } : asked);
