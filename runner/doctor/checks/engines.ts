import { availableParallelism } from "node:os";
import type { EngineOffer } from "@infernet/schemas/runner";
import { enginesWantedOf } from "../../cli/open-engines-of.ts";
import { loadSettings } from "../../config/load-settings.ts";
import { isOffered } from "../../engine/engine.ts";
import { locateOnnxRuntime } from "../../engine/install/onnx-runtime.ts";
import { type MissingEngine, openEngines } from "../../engine/open-engines.ts";
import { type Check, type Finding, fail, pass, warn } from "../check.ts";

/** Which engines run here, each by having run something, on which execution provider and in which sandbox. */
export const checkEngines: Check = {
  name: "engines",
  examine: async ({ home, config }) => {
    // Opening would install it: a doctor changes nothing.
    if (locateOnnxRuntime(home) === null)
      return warn(
        "ONNX Runtime is not installed yet",
        "The first start installs it: a download of about 115 MB, once.",
      );
    const settings = await loadSettings({ home, config, env: process.env }).catch(() => null);
    const plain = { home, threads: availableParallelism(), memory_bytes_max: null };
    const wanted = settings ? enginesWantedOf(home, settings.values) : plain;
    return judgeEngines(await openEngines({ ...wanted, remember: false }));
  },
};

interface EnginesReading {
  engines: readonly { offer: EngineOffer }[];
  missing: readonly MissingEngine[];
}

export function judgeEngines({ engines, missing }: EnginesReading): Finding {
  const working = engines
    .filter(isOffered)
    .map(
      ({ offer }) => `${offer.engine} ${offer.version} on ${offer.execution_provider} in ${offer.sandbox}`,
    );
  const reasons = missing.map(({ engine, reason }) => `${engine}: ${reason}`);
  const fixes = missing.map(({ fix }) => fix).join(" ");
  if (working.length === 0) return fail(`none works: ${reasons.join("; ")}`, fixes);
  if (missing.length === 0) return pass(working.join(", "));
  return warn([...working, `not ${reasons.join("; ")}`].join(", "), fixes);
}
