import { LIMITS } from "@infernet/schemas/limits";
import { PeerQuery } from "@infernet/schemas/peer/peer-query";
import { InvalidArgumentError } from "commander";
import type { z } from "zod";

const GIB = 1024 ** 3;

/** What `find` is told, but for the model. */
export interface QueryFlags {
  engine?: PeerQuery["engine"];
  provider?: PeerQuery["execution_provider"];
  sandbox?: PeerQuery["sandbox_min"];
  minVram?: number;
  minMemory?: number;
  region?: string[];
  maxPrice?: string;
  payment?: PeerQuery["payment"];
  service?: PeerQuery["service"];
  open?: boolean;
  trust?: string[];
  minScore?: number;
}

/** The query of a command line. */
export function queryOf(flags: QueryFlags, model: PeerQuery["model"]): PeerQuery {
  const { engine, provider, sandbox, minVram, minMemory, region, maxPrice, payment, service } = flags;
  const { open, trust, minScore = 0 } = flags;
  const said = {
    ...{ model, engine, execution_provider: provider, sandbox_min: sandbox, vram_gib_min: minVram },
    ...{ regions: region, micro_per_core_hour_max: maxPrice, payment, service, open },
    memory_bytes_min: minMemory === undefined ? undefined : Math.ceil(minMemory * GIB),
    trusted: trust === undefined ? undefined : { networks: trust, score_min: minScore },
  };
  return PeerQuery.parse(Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)));
}

/** A list with commas, each part of which must fit. */
export const parseList =
  (schema: z.ZodType<string>) =>
  (text: string): string[] => {
    const parts = text.split(",").map((part) => part.trim());
    for (const part of parts) {
      const parsed = schema.safeParse(part);
      if (!parsed.success) throw new InvalidArgumentError(`'${part}' ${parsed.error.issues[0]?.message}.`);
    }
    return parts;
  };

/** A number from 0 to `most`. */
export const parseNumber =
  (most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() !== "" && value >= 0 && value <= most) return value;
    throw new InvalidArgumentError(`It must be a number from 0 to ${most.toLocaleString("en")}.`);
  };

/** @returns milliseconds */
export function parseSeconds(text: string): number {
  const seconds = Number(text);
  const most = LIMITS.peer_find_ms_max / 1_000;
  if (seconds > 0 && seconds <= most) return seconds * 1_000;
  throw new InvalidArgumentError(`It must be seconds, more than 0 and at most ${most}.`);
}
