import type { EndpointPool } from "../rpc/endpoint-pool.ts";

/**
 * The last block that can hold a transaction with this blockhash, or one somewhat later; null when the blockhash is not
 * valid (any more). Of two blockhashes that are valid, the newer lives longer: so the newest one's end is never too early.
 */
export const readLifetime = (pool: EndpointPool, blockhash: string): Promise<number | null> =>
  pool.ask(async (connection) => {
    const { value: isValid } = await connection.isBlockhashValid(blockhash, { commitment: "confirmed" });
    if (!isValid) return null;
    return (await connection.getLatestBlockhashAndContext("confirmed")).value.lastValidBlockHeight;
  });
