import { describe, expect, it } from "vitest";
import { parseAddress } from "./address.ts";
import { GENESIS } from "./cluster.ts";
import { createEscrowClient } from "./create-escrow-client.ts";
import { EscrowError } from "./escrow-error.ts";
import type { EscrowSettings } from "./escrow-settings.ts";
import { plainAddress } from "./testing/seeds.ts";

const SETTINGS: EscrowSettings = {
  endpoints: ["https://rpc.example/?api-key=secret"],
  genesis_hash: parseAddress(GENESIS.devnet),
  program: plainAddress(1),
};
const errorOf = (change: Partial<EscrowSettings>): EscrowError | null => {
  try {
    createEscrowClient({ ...SETTINGS, ...change });
    return null;
  } catch (error) {
    if (error instanceof EscrowError) return error;
    throw error;
  }
};

describe("a client's settings", () => {
  it("need endpoints, a cluster and a program", () => {
    expect(errorOf({})).toBeNull();
    expect(errorOf({ endpoints: [] })?.code).toBe("settings_invalid");
  });

  it("refuse mainnet, unless it is allowed", () => {
    const mainnet = { genesis_hash: parseAddress(GENESIS.mainnet) };
    expect(errorOf(mainnet)?.code).toBe("mainnet_refused");
    expect(errorOf({ ...mainnet, allow_mainnet: true })).toBeNull();
  });

  it("refuse what is no HTTP endpoint, without spelling it out", () => {
    for (const url of ["ws://rpc.example/?api-key=secret", "rpc.example?secret", ""]) {
      const error = errorOf({ endpoints: [url] });
      expect([error?.code, error?.message]).toEqual([
        "settings_invalid",
        "endpoints.0: is not an http(s) URL",
      ]);
    }
  });

  it("cross-check endpoints of two hosts, not one of them twice", () => {
    const [one = ""] = SETTINGS.endpoints;
    expect(errorOf({ cross_check: true })?.code).toBe("settings_invalid");
    expect(errorOf({ cross_check: true, endpoints: [one, `${one}2`] })?.code).toBe("settings_invalid");
    expect(errorOf({ cross_check: true, endpoints: [one, "https://other.example"] })).toBeNull();
  });
});
