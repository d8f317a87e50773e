import { InfernetError } from "@infernet/schemas/errors";
import { parseSolanaSettings, type SolanaEnv } from "../rails/solana-settings.ts";

/** Whether jobs can be paid for without an account. Throws `unavailable` when a setting cannot be used. */
export function takesPayments(env: SolanaEnv & Pick<Env, "X402">): boolean {
  const setting = env.X402 ?? "";
  if (setting === "" || setting === "off") return false;
  if (setting !== "on")
    throw new InfernetError(
      "unavailable",
      `This deployment cannot take payments: X402 is neither "on" nor "off".`,
    );
  return parseSolanaSettings(env) !== null;
}
