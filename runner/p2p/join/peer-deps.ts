import type { MicroAmount } from "@infernet/schemas/money";
import type { Availability } from "@infernet/schemas/peer/peer-record";
import type { PeerRecordText } from "@infernet/schemas/peer/peer-record-text";
import type { RunnerRegistration } from "@infernet/schemas/runner";
import type { OpenedCache } from "../../cache/blob-cache.ts";
import type { Identity } from "../../identity/identity.ts";
import type { Unseal } from "../../sealing/unseal.ts";
import type { EdgeClient } from "../../transport/edge-client.ts";
import type { TokenBucket } from "../../transport/token-bucket.ts";
import type { SourcedModels } from "../../work/model-store.ts";
import type { WorkMachine } from "../../work/open-work.ts";
import type { Log } from "../../work/runner-event.ts";
import type { ModelUser } from "../../work/session-pool.ts";
import type { DirectSettings } from "../jobs/direct-settings.ts";

/** What a runner lends to the services that it has for peers. */
export interface PeerDeps {
  identity: Identity;
  home: string;
  /** Base address of the edge; null where it works for none. */
  edge: string | null;
  client: EdgeClient;
  cache: OpenedCache;
  /** Whether peers may have its models, and the pace that all uploads together keep to: null for any. */
  sharing: { isOn: boolean; pace: TokenBucket | null };
  store: SourcedModels;
  pool: ModelUser;
  unseal: Unseal;
  /** What all work of this machine has in common, for whomever it is. */
  machine: WorkMachine;
  /** The least that an hour of one core must pay, in micro-units; null where nothing is asked. */
  asking: MicroAmount | null;
  /** Null where it takes no direct jobs. */
  direct: DirectSettings | null;
  /** As it has told the edge last. */
  registration(): RunnerRegistration;
  availability(): Availability;
  /** Registers anew with this record of the machine, for those who read of it at the edge. */
  tellEdge(record: PeerRecordText): Promise<void>;
  log: Log;
}
