import { randomBytes } from "node:crypto";
import { loadSecret } from "./secret-file.ts";
import type { StateFolder } from "./state-folder.ts";

/** The Worker's secrets, by the names of its bindings. */
export interface WorkerSecrets {
  INFERNET_OPERATOR_KEY: string;
  /** Base64 of a 32-byte Ed25519 seed. */
  WEBHOOK_PRIVATE_KEY: string;
  /** Likewise. Whoever has it can foresee every draw and sign as this network; a new one makes another network. */
  NETWORK_PRIVATE_KEY: string;
  /** Likewise. Releases from escrows that name it; escrows cannot be told of another. */
  AGGREGATOR_PRIVATE_KEY: string;
}

/** From the environment where it has them, else from the state folder, where the first start makes them. */
export function loadWorkerSecrets(folder: StateFolder, environment: NodeJS.ProcessEnv): WorkerSecrets {
  return {
    INFERNET_OPERATOR_KEY:
      environment.INFERNET_OPERATOR_KEY ||
      loadSecret(folder.operatorKeyFile, () => `infop_${randomBytes(32).toString("base64url")}`),
    WEBHOOK_PRIVATE_KEY: environment.WEBHOOK_PRIVATE_KEY || loadSecret(folder.webhookKeyFile, createSeed),
    NETWORK_PRIVATE_KEY: environment.NETWORK_PRIVATE_KEY || loadSecret(folder.networkKeyFile, createSeed),
    AGGREGATOR_PRIVATE_KEY:
      environment.AGGREGATOR_PRIVATE_KEY || loadSecret(folder.aggregatorKeyFile, createSeed),
  };
}

const createSeed = (): string => randomBytes(32).toString("base64");
