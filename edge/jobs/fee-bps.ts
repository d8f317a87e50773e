import { FEE_BPS_DEFAULT } from "@infernet/protocol/ledger/fee";
import { FeeBps } from "@infernet/schemas/price";

/** The aggregator's part of what is paid. Throws Error when the deployment sets one that is not allowed. */
export function feeBps({ FEE_BPS }: Pick<Env, "FEE_BPS">): FeeBps {
  if (!FEE_BPS) return FEE_BPS_DEFAULT;
  const fee = FeeBps.safeParse(Number(FEE_BPS));
  if (fee.success) return fee.data;
  throw new Error(`FEE_BPS is ${FEE_BPS}: it must be a whole number from 50 to 200, hundredths of a percent`);
}
