import { base58, hex } from "@scure/base";
import { z } from "zod";

/** A Solana account's address: 32 bytes in base58. */
export const SolanaAddress = z
  .string()
  .regex(/^[1-9A-HJ-NP-Za-km-z]{32,44}$/, { error: "is not a Solana address in base58", abort: true })
  .refine((text) => base58.decode(text).length === 32, "is not 32 bytes in base58")
  .brand<"SolanaAddress">()
  .meta({ id: "SolanaAddress", examples: ["4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU"] });
export type SolanaAddress = z.infer<typeof SolanaAddress>;

/** The 32 bytes in hexadecimal, for names that know no capitals. */
export const solanaHex = (address: SolanaAddress): string => hex.encode(base58.decode(address));
export const parseSolanaHex = (text: string): SolanaAddress =>
  SolanaAddress.parse(base58.encode(hex.decode(text)));
