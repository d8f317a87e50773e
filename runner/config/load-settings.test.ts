import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadSettings, requireEdge, type SettingsRequest } from "./load-settings.ts";
import { environmentName, SETTING_KEYS } from "./settings.ts";

describe("the settings of a machine", () => {
  let home: string;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "infernet-config-"));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  const load = (request: Partial<SettingsRequest> = {}) => loadSettings({ home, env: {}, ...request });

  it("come from the flag before the environment before the file before the default", async () => {
    const env = { INFERNET_LIMITS_CORES: "3" };
    expect((await load()).sources["limits.cores"]).toEqual({ from: "default" });
    await writeFile(join(home, "config.toml"), "[limits]\ncores = 2\n");
    const fromFile = await load();
    expect(fromFile.values["limits.cores"]).toBe(2);
    expect(fromFile.sources["limits.cores"]).toEqual({ from: "file", name: fromFile.file, line: 2 });
    const fromEnvironment = await load({ env });
    expect(fromEnvironment.values["limits.cores"]).toBe(3);
    expect(fromEnvironment.sources["limits.cores"]).toEqual({
      from: "environment",
      name: "INFERNET_LIMITS_CORES",
    });
    const fromFlag = await load({ env, flags: { "limits.cores": "4" } });
    expect(fromFlag.values["limits.cores"]).toBe(4);
    expect(fromFlag.sources["limits.cores"]).toEqual({ from: "flag", name: "--cores" });
  });

  it("are read from text as from the file", async () => {
    const env = {
      INFERNET_PAUSE_WHEN_BUSY: "true",
      INFERNET_PAUSE_SCHEDULE: "mon-fri 09:00-18:00, 22:00-06:00",
      INFERNET_LIMITS_CACHE_BYTES: "1 GB",
      INFERNET_PRICE_ASKING: "12",
      INFERNET_METRICS_PORT: "0",
    };
    const { values } = await load({ env });
    expect(values["pause.when_busy"]).toBe(true);
    expect(values["pause.schedule"].map(({ text }) => text)).toEqual(["mon-fri 09:00-18:00", "22:00-06:00"]);
    expect([values["limits.cache_bytes"], values["price.asking"], values["metrics.port"]]).toEqual([
      1e9,
      "12",
      0,
    ]);
  });

  it("name the flag or the variable that cannot be used", async () => {
    await expect(load({ flags: { "limits.cores": "some" } })).rejects.toMatchObject({
      code: "config_invalid",
      message: "--cores: must be a whole number from 1",
    });
    await expect(load({ env: { INFERNET_PAUSE_WHEN_BUSY: "yes" } })).rejects.toThrow(
      "INFERNET_PAUSE_WHEN_BUSY: must be true or false",
    );
  });

  it("take an empty variable for none", async () => {
    expect((await load({ env: { INFERNET_EDGE: "" } })).values.edge).toBeUndefined();
  });

  it("need no file, but one that is named must be there", async () => {
    const loaded = await load();
    expect(loaded.hasFile).toBe(false);
    expect(() => requireEdge(loaded)).toThrow("no edge is set");
    await expect(load({ config: join(home, "other.toml") })).rejects.toMatchObject({
      code: "config_missing",
    });
  });

  it("have names in the environment that are all different", () => {
    expect(new Set(SETTING_KEYS.map(environmentName)).size).toBe(SETTING_KEYS.length);
  });
});
