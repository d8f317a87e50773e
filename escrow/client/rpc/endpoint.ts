import { Connection } from "@solana/web3.js";
import { EscrowError } from "../escrow-error.ts";
import { createEndpointFetch, type EndpointFetchOptions } from "./endpoint-fetch.ts";

export interface EndpointOptions extends EndpointFetchOptions {
  /** What messages call it, instead of its URL. */
  name: string;
  genesis_hash: string;
}

/** One JSON-RPC endpoint, spoken to over HTTP only. */
export interface Endpoint {
  readonly name: string;
  /** web3.js's connection, once it is known that the endpoint serves the configured cluster. Throws wrong_cluster. */
  connect(): Promise<Connection>;
}

export function createEndpoint(options: EndpointOptions): Endpoint {
  const { url, name, genesis_hash } = options;
  // Its sockets open with the first subscription, and nothing here subscribes.
  const connection = new Connection(url, {
    commitment: "confirmed",
    fetch: createEndpointFetch(options),
    disableRetryOnRateLimit: true,
  });
  let isChecked = false;
  return {
    name,
    connect: async () => {
      if (isChecked) return connection;
      if ((await connection.getGenesisHash()) !== genesis_hash)
        throw new EscrowError("wrong_cluster", `${name} serves another cluster than the configured one`);
      isChecked = true;
      return connection;
    },
  };
}
