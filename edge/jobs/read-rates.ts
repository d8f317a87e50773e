import type { Rates } from "@infernet/protocol/price";
import { type Micro, MicroAmount, parseMicro } from "@infernet/schemas/money";

type Setting = "PRICE_MICRO_PER_CORE_HOUR" | "PRICE_MICRO_PER_JOB";

/** What the deployment asks for work. Throws Error when it sets what is no amount. */
export const readRates = (env: Pick<Env, Setting>): Record<keyof Rates, Micro> => ({
  micro_per_core_hour: readAmount(env, "PRICE_MICRO_PER_CORE_HOUR"),
  micro_per_job: readAmount(env, "PRICE_MICRO_PER_JOB"),
});

function readAmount(env: Pick<Env, Setting>, name: Setting): Micro {
  const amount = MicroAmount.safeParse(env[name] || "0");
  if (amount.success) return parseMicro(amount.data);
  throw new Error(`${name} is ${env[name]}: it must be a whole number of micro-units`);
}
