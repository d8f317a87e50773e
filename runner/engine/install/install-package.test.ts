import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EngineMissing } from "../engine-missing.ts";
import { installPackage, type PackageToInstall } from "./install-package.ts";
import { type FakeRegistry, NAME, startFakeRegistry, VERSION } from "./testing/fake-registry.ts";

let home: string;
let registry: FakeRegistry;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "infernet-install-"));
  registry = await startFakeRegistry();
});
afterEach(async () => {
  await registry.close();
  await rm(home, { recursive: true, force: true });
});

const sample = (change: Partial<PackageToInstall> = {}): PackageToInstall => ({
  title: "Sample",
  name: NAME,
  version: VERSION,
  lock: registry.lock,
  finish: async () => undefined,
  ...change,
});

/** A cache of its own: what is asked for is really downloaded, and asked for once. */
const environment = (url = registry.url): NodeJS.ProcessEnv => ({
  ...process.env,
  npm_config_registry: url,
  npm_config_cache: join(home, "npm-cache"),
  npm_config_fetch_retries: "0",
});

const place = (): string => join(home, "engines/sample");

async function failureOf(work: Promise<void>): Promise<EngineMissing> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof EngineMissing) return error;
  throw new Error(`it ended with ${error}`);
}

describe("an engine's package", { timeout: 60_000 }, () => {
  it("is installed without running its scripts, finished before it is in its place", async () => {
    const finish = async (dir: string): Promise<void> => {
      expect(existsSync(place())).toBe(false);
      await rm(join(dir, "package.json"));
    };
    await installPackage(place(), sample({ finish }), environment());
    const dir = join(place(), "node_modules", NAME);
    expect(await readdir(dir)).toEqual(["index.js"]);
    expect(await readFile(join(dir, "index.js"), "utf8")).toBe("module.exports = 1;");
    expect(await readdir(join(home, "engines"))).toEqual(["sample"]);
  });

  it("is refused when it is not the one that the runner was made with", async () => {
    registry.swap();
    const { message, fix } = await failureOf(installPackage(place(), sample(), environment()));
    expect(message).toMatch(/another package than the one this runner was made with/);
    expect(fix).toMatch(/npm config get registry/);
    expect(await readdir(join(home, "engines"))).toEqual([]);
  });

  it("is missing with the way to get it when the registry does not answer", async () => {
    await registry.close();
    const { message, fix } = await failureOf(installPackage(place(), sample(), environment()));
    expect(message).toMatch(/Sample 1\.0\.0 cannot be installed: the npm registry does not answer/);
    expect(fix).toContain(`npm install --ignore-scripts --prefix ${place()} ${NAME}@${VERSION}`);
  });

  it("is missing when what was installed is not whole, and nothing is left of it", async () => {
    const finish = async (): Promise<void> => {
      throw new Error("it has no binary");
    };
    const { message } = await failureOf(installPackage(place(), sample({ finish }), environment()));
    expect(message).toMatch(/it has no binary/);
    expect(await readdir(join(home, "engines"))).toEqual([]);
  });

  it("is not there when its installation was killed half-way, and is installed the next time", async () => {
    const asked = registry.stall();
    const module = JSON.stringify(new URL("./install-package.ts", import.meta.url).href);
    const { finish: _, ...plain } = sample();
    const program = `
      const { installPackage } = await import(${module});
      await installPackage(${JSON.stringify(place())}, { ...${JSON.stringify(plain)}, finish: async () => {} });
    `;
    const installing = spawn(process.execPath, ["--input-type=module", "-e", program], {
      env: environment(),
    });
    await asked;
    installing.kill("SIGKILL");
    await once(installing, "exit");
    expect(existsSync(place())).toBe(false);
    const [left] = await readdir(join(home, "engines"));
    expect(left).toMatch(/^\.unfinished-/);
    await registry.close();
    registry = await startFakeRegistry();
    // What was left is old by the time that somebody starts a runner again.
    await utimes(join(home, "engines", left ?? ""), 0, 0);
    await installPackage(place(), sample(), environment());
    expect(await readdir(join(home, "engines"))).toEqual(["sample"]);
  });
});
