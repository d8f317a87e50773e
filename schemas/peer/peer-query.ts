import { z } from "zod";
import { NetworkId } from "../commitment.ts";
import { Sha256 } from "../digest.ts";
import { Engine } from "../model.ts";
import { MicroAmount } from "../money.ts";
import { ExecutionProvider, Region } from "../runner.ts";
import { SandboxLevel } from "../sandbox.ts";
import { DirectPayment, PeerService } from "./peer-record.ts";

/** What a machine must be to be found; what is absent does not matter. */
export const PeerQuery = z.strictObject({
  /** Has the files of this model. */
  model: Sha256.optional(),
  /** One engine of the machine has to bring engine, execution provider and sandbox together. */
  engine: Engine.optional(),
  execution_provider: ExecutionProvider.optional(),
  sandbox_min: SandboxLevel.optional(),
  /** GPU memory of its largest card, in GiB as cards are sold: drivers report a little less. */
  vram_gib_min: z.number().min(0).max(4_096).optional(),
  memory_bytes_min: z.int().min(0).optional(),
  regions: z.array(Region).min(1).max(32).optional(),
  /** Direct jobs are weighed by what it takes for those where `payment` or the service `job` is wanted, else by what it asks of aggregators. */
  micro_per_core_hour_max: MicroAmount.optional(),
  payment: DirectPayment.optional(),
  service: PeerService.optional(),
  /** Only machines that take work now. */
  open: z.boolean().optional(),
  /** Networks whose word the asker takes, and the least that each of them which says anything must say. */
  trusted: z
    .strictObject({
      networks: z.array(NetworkId).min(1).max(32),
      score_min: z.number().min(0).max(1),
    })
    .optional(),
});
export type PeerQuery = z.infer<typeof PeerQuery>;
