import type { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import type { TokenPart } from "@infernet/schemas/llm/generation";
import type { StreamDelta } from "@infernet/schemas/llm/stream-message";
import { machineClass, type ShardStream } from "./shard-stream.ts";

export type Taken =
  /** New parts were added, or none. */
  | { kind: "taken"; fresh: number }
  /** Positions are missing before it: they have to be sent from here. */
  | { kind: "gap"; from: number }
  /** It breaks a rule, which an honest runner does not. */
  | { kind: "refused"; detail: string };

export interface DeltaRules {
  /** Positions that the request allows. */
  tokens_max: number;
  /** Whether the engine tells its tokens. */
  has_tokens: boolean;
  /** Engine, version and execution provider that whoever goes on must be of; null where any will do. */
  machine_class: string | null;
}

/** Adds what is new of a delta to a stream; what was delivered before is passed over, if it is the same. */
export function takeDelta(
  stream: ShardStream,
  runner: RunnerId,
  delta: StreamDelta,
  rules: DeltaRules,
): Taken {
  const { start, parts, execution_class, lease_id } = delta;
  if (start > stream.positions) return { kind: "gap", from: stream.positions };
  if (parts.length === 0) return { kind: "taken", fresh: 0 };
  const broken = explainBroken(stream, delta, rules);
  if (broken !== null || execution_class === null)
    return { kind: "refused", detail: broken ?? "parts without the class of the machine that made them" };
  const fresh = parts.slice(stream.positions - start);
  stream.append(fresh, { runner, lease_id, execution_class });
  return { kind: "taken", fresh: fresh.length };
}

function explainBroken(
  stream: ShardStream,
  { start, parts, execution_class, lease_id }: StreamDelta,
  { tokens_max, has_tokens, machine_class }: DeltaRules,
): string | null {
  const known = stream.parts.slice(start, start + parts.length);
  const differing = known.findIndex((part, n) => !isSamePart(part, parts[n]));
  if (differing >= 0) return `position ${start + differing} was delivered with another token or text`;
  const end = start + parts.length;
  if (end > tokens_max) return `${end} positions; the request allows ${tokens_max}`;
  if (has_tokens && parts.some(({ token }) => token === null))
    return "a part without its token, which this engine tells";
  const chars = parts.slice(known.length).reduce((sum, { text }) => sum + text.length, stream.text.length);
  if (chars > LIMITS.completion_chars_max)
    return `${chars} characters; ${LIMITS.completion_chars_max} are allowed`;
  const own = stream.makers.at(-1);
  if (own?.lease_id === lease_id && own.execution_class !== execution_class)
    return `parts of ${execution_class} after those of ${own.execution_class} under one lease`;
  if (
    machine_class !== null &&
    execution_class !== null &&
    end > stream.positions &&
    machineClass(execution_class) !== machine_class
  )
    return `parts of ${execution_class}; whoever goes on must be of ${machine_class}`;
  return null;
}

const isSamePart = (a: TokenPart, b: TokenPart | undefined): boolean =>
  b !== undefined && a.token === b.token && a.text === b.text;
