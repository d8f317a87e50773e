import type { Duty } from "@infernet/protocol/offers";
import type { Ban } from "@infernet/schemas/provider";

/** What the network thinks of a runner: from its Provider object, which tells the dispatcher whenever it changes. */
export interface Standing {
  duty: Duty;
  /** Checks of its answers that it has passed and that still count. */
  passed: number;
  /** What it shares with others that it may not check, as opaque tags. */
  groups: string[];
  /** Reference cores that a challenge has measured of its machine; null where none has, or long ago. */
  cores: number | null;
  ban: Ban | null;
}
