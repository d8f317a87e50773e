import { Gpu } from "@infernet/schemas/runner";
import { z } from "zod";

/** A GPU as one source tells of it. The id joins what several sources say, and never leaves this machine. */
export const FoundGpu = Gpu.extend({ uuid: z.string().max(64).optional() });
export type FoundGpu = z.infer<typeof FoundGpu>;
