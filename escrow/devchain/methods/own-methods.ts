import { createMint, mintTo, setFrozen } from "../chain/test-mint.ts";
import { parseFaultPlan } from "../faults/parse-fault-plan.ts";
import type { Methods } from "../rpc/method.ts";
import { orInvalid, refuseParams } from "../rpc/or-invalid.ts";
import { parseAddress, parseBoolean, parseConfig, parseInteger, parseText } from "../rpc/params.ts";
import { invalidParams } from "../rpc/rpc-error.ts";

const DECIMALS_MAX = 18;
/** Ten years. */
const WARP_SECONDS_MAX = 315_360_000;

/** What no cluster has: time travel, test mints, faults. */
export const OWN_METHODS: Methods = {
  /** [seconds] -> the slot after it. */
  devchain_warp: ({ chain }, [seconds]) => {
    chain.clock.warp(parseInteger(seconds, "the seconds", WARP_SECONDS_MAX));
    chain.advance();
    return chain.slot;
  },

  /** [plan] -> the whole plan that is in force from now on; [] lifts all faults. */
  devchain_setFaults: ({ faults }, [plan]) => {
    faults.set(orInvalid(() => parseFaultPlan(plan ?? {})));
    return faults.plan;
  },

  /** [{ mint?, decimals?, authority? }] -> { mint, authority }. */
  devchain_createMint: async ({ chain, faucet }, [options]) => {
    const { mint, decimals, authority } = parseConfig(options);
    const address = await createMint(chain, faucet, {
      ...(mint !== undefined && { mint: parseAddress(mint, "mint") }),
      ...(decimals !== undefined && { decimals: parseInteger(decimals, "decimals", DECIMALS_MAX) }),
      ...(authority !== undefined && { authority: parseAddress(authority, "authority") }),
    }).catch(refuseParams);
    return { mint: address, authority: authority ?? faucet.signer.address };
  },

  /** [{ mint, owner, amount }] -> { account, signature }; the amount is in base units, a number or a string of digits. */
  devchain_mint: ({ faucet }, [options]) => {
    const { mint, owner, amount } = parseConfig(options);
    const to = parseAddress(owner, "owner");
    return mintTo(faucet, parseAddress(mint, "mint"), to, parseAmount(amount)).catch(refuseParams);
  },

  /** [{ mint, account, frozen }] -> the signature. */
  devchain_setFrozen: ({ faucet }, [options]) => {
    const { mint, account, frozen } = parseConfig(options);
    const address = parseAddress(account, "account");
    const freezes = parseBoolean(frozen, "frozen");
    return setFrozen(faucet, parseAddress(mint, "mint"), address, freezes).catch(refuseParams);
  },
};

function parseAmount(value: unknown): bigint {
  if (typeof value === "number") return BigInt(parseInteger(value, "amount"));
  const text = parseText(value, "amount");
  if (/^\d{1,20}$/.test(text) && BigInt(text) < 2n ** 64n) return BigInt(text);
  throw invalidParams("amount must be a whole number below 2^64, of base units");
}
