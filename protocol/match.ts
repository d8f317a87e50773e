import type { DemandNeed } from "@infernet/schemas/demand";
import type { RunnerId } from "@infernet/schemas/ids";
import type { MicroAmount } from "@infernet/schemas/money";
import type { Capability, EngineOffer } from "@infernet/schemas/runner";
import { reachesSandbox } from "@infernet/schemas/sandbox";

/** What a job needs of a machine, and what it pays. */
export interface Need extends DemandNeed {
  /** What it pays for an hour of a reference core; absent where that is not known, and nobody is held to a price. */
  micro_per_core_hour?: MicroAmount;
  /** Who alone may take part: those who can open a sealed job, or those that the client named; absent where everybody may. */
  granted?: readonly RunnerId[];
  /** Who may not, because the client does not want them. */
  ignored?: readonly RunnerId[];
}

/** A machine by its name and what it says it can do. */
export interface Machine {
  id: RunnerId;
  capability: Capability;
}

export const isCapable = (capability: Capability, need: Need): boolean =>
  explainMismatch(capability, need).length === 0;

/** Whether this very machine can take a job. */
export const isFit = ({ id, capability }: Machine, need: Need): boolean =>
  isGranted(id, need) && isCapable(capability, need);

/** Whether a machine may take part in a job, as far as its client is concerned. */
export const isGranted = (id: RunnerId, { granted, ignored = [] }: Need): boolean =>
  (granted === undefined || granted.includes(id)) && !ignored.includes(id);

/** Why this machine cannot take a job, one sentence a reason; none when it can. */
export function explainUnfit({ id, capability }: Machine, need: Need): string[] {
  const reasons = explainMismatch(capability, need);
  return isGranted(id, need)
    ? reasons
    : [
        "The job's client has chosen other machines, or not granted this one the key of its sealed rows.",
        ...reasons,
      ];
}

/** What a machine lacks for a job, whoever it is, one sentence a reason. */
export function explainMismatch(capability: Capability, need: Need): string[] {
  const reasons: string[] = [];
  const engine = explainEngine(capability, need);
  if (engine !== null) reasons.push(engine);
  if (capability.memory_bytes < need.memory_bytes)
    reasons.push(
      `The job needs ${renderMemory(need.memory_bytes)} of memory; this machine offers ${renderMemory(capability.memory_bytes)}.`,
    );
  const vram = explainVram(capability, need);
  if (vram !== null) reasons.push(vram);
  const region = explainRegion(capability, need);
  if (region !== null) reasons.push(region);
  const price = explainPrice(capability, need);
  if (price !== null) reasons.push(price);
  return reasons;
}

function explainVram({ gpus }: Capability, { vram_bytes: needed }: Need): string | null {
  if (needed === undefined) return null;
  const offered = Math.max(0, ...gpus.map(({ vram_bytes }) => vram_bytes));
  if (offered >= needed) return null;
  const has = offered === 0 ? "none" : renderMemory(offered);
  return `The job needs ${renderMemory(needed)} of GPU memory; this machine offers ${has}.`;
}

function explainRegion({ region }: Capability, { regions }: Need): string | null {
  if (regions === undefined || (region !== undefined && regions.includes(region))) return null;
  return `The job wants a machine in ${list(regions)}; this one is in ${region ?? "no region that it names"}.`;
}

/**
 * A price is held against the rate before the fee, which is the aggregator's part of what a client pays. What the machine
 * asks for is left out of the sentence, so that a fleet of many prices gives one reason.
 */
function explainPrice(
  { asking_micro_per_core_hour: asked }: Capability,
  { micro_per_core_hour: paid }: Need,
): string | null {
  if (asked === undefined || paid === undefined || BigInt(asked) <= BigInt(paid)) return null;
  return `The job pays ${paid} micro-units for an hour of a core; this machine asks for more than the job pays.`;
}

/** One engine of the machine has to bring format, execution provider and sandbox together. */
function explainEngine(capability: Capability, need: Need): string | null {
  const ofEngine = capability.engines.filter((offer) => offer.engine === need.engine);
  if (ofEngine.length === 0)
    return `The job needs the engine ${need.engine}; this machine has ${list(capability.engines.map((offer) => offer.engine))}.`;
  const ofFormat = ofEngine.filter((offer) => offer.formats.includes(need.format));
  if (ofFormat.length === 0)
    return `The job needs ${need.engine} to open ${need.format} files; on this machine it opens ${list(ofEngine.flatMap((offer) => offer.formats))}.`;
  const wanted = need.execution_provider;
  const there = ofFormat.filter((offer) => wanted === undefined || offer.execution_provider === wanted);
  if (there.length === 0)
    return `The job needs ${need.engine} on ${wanted}; this machine runs it on ${list(ofFormat.map((offer) => offer.execution_provider))}.`;
  const { execution_class } = need;
  if (execution_class !== undefined && !there.some((offer) => classOf(offer) === execution_class))
    return `The job needs the class ${execution_class}; this machine has ${list(there.map(classOf))}.`;
  const { sandbox } = need;
  if (sandbox !== undefined && !there.some((offer) => reachesSandbox(offer.sandbox, sandbox)))
    return `The job needs a sandbox of level ${sandbox} or above; this machine runs ${need.engine} in ${list(there.map((offer) => offer.sandbox))}.`;
  return null;
}

/** An execution class without the precision, which is the model's. */
export const classOf = ({ engine, version, execution_provider }: EngineOffer): string =>
  `${engine}/${version}/${execution_provider}`;

const list = (names: readonly string[]): string => [...new Set(names)].join(", ");

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"] as const;

function renderMemory(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
  const value = bytes / 1024 ** power;
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${UNITS[power]}`;
}
