import { z } from "zod";
import { Sha256 } from "./digest.ts";
import { LIMITS } from "./limits.ts";
import { Engine, ModelName } from "./model.ts";
import { MicroAmount } from "./money.ts";
import { ExecutionProvider, Region } from "./runner.ts";
import { SandboxLevel } from "./sandbox.ts";

/** What jobs that wait need of a machine. */
export const DemandNeed = z.strictObject({
  engine: Engine,
  /** The model's file format, or its name at an OpenAI-compatible server. */
  format: z.string(),
  memory_bytes: z.int(),
  /** On one GPU. */
  vram_bytes: z.int().optional(),
  execution_provider: ExecutionProvider.optional(),
  /** The least that models must be held to. */
  sandbox: SandboxLevel.optional(),
  regions: z.array(Region).optional(),
  /** Engine, version and execution provider. */
  execution_class: z.string().optional(),
});
export type DemandNeed = z.infer<typeof DemandNeed>;

/** The jobs of one model, and of one need, that have shards for runners now. */
export const DemandEntry = z
  .strictObject({
    model: Sha256,
    /** As a job named it. */
    name: ModelName.nullable(),
    need: DemandNeed,
    jobs: z.int(),
    /** Leases that runners may ask for. */
    shards_waiting: z.int(),
    /** Of those, what jobs have left that gave the asking machine nothing more when it last asked them. */
    shards_declined: z.int(),
    /** What the jobs pay for an hour of a reference core, the least and the most; null where none says. */
    pays_micro_per_core_hour: z.strictObject({ min: MicroAmount, max: MicroAmount }).nullable(),
  })
  .meta({ id: "DemandEntry" });
export type DemandEntry = z.infer<typeof DemandEntry>;

/** What `GET /runner/demand` answers: what waits for runners, the most first. Names of models, and nobody's jobs. */
export const Demand = z
  .strictObject({
    object: z.literal("demand"),
    /** What the asking machine may do here; null when the dispatcher does not know it at the moment. */
    duty: z.enum(["work", "disputes", "none"]).nullable(),
    /** Machines that are online, and how many of them wait for work. */
    runners_seen: z.int(),
    runners_waiting: z.int(),
    shards_waiting: z.int(),
    /** The sums above count all; of entries the largest are listed. */
    data: z.array(DemandEntry).max(LIMITS.demand_entries_max),
  })
  .meta({ id: "Demand" });
export type Demand = z.infer<typeof Demand>;
