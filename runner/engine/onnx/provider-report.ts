import { z } from "zod";

/** What a child found when it ran a tiny model on one provider. */
export const ProviderReport = z.object({
  /** Of ONNX Runtime. */
  version: z.string().max(64),
  /** Why the model did not run there; null when it did. */
  failure: z.string().nullable(),
});
export type ProviderReport = z.infer<typeof ProviderReport>;

/** Names the variable that tells the child which provider to try. */
export const PROVIDER_VARIABLE = "INFERNET_ONNX_PROVIDER";
