import { readdir } from "node:fs/promises";
import { runTool } from "../../hardware/run-tool.ts";
import { type Check, type Finding, pass, warn } from "../check.ts";

const ENGINES = ["podman", "docker", "nerdctl"] as const;
/** Where container engines look for devices, by the Container Device Interface. */
const CDI_FOLDERS = ["/etc/cdi", "/var/run/cdi"];
const TIMEOUT_MS = 8_000;

/** Whether models that are containers can run, and whether they can be given a GPU. */
export const checkContainers: Check = {
  name: "containers",
  examine: async () => {
    const [versions, devices] = await Promise.all([
      Promise.all(ENGINES.map(readVersion)),
      Promise.all(CDI_FOLDERS.map((folder) => readdir(folder).catch(() => []))),
    ]);
    const found = versions.filter((version) => version !== null);
    const gpu = await runTool("nvidia-smi", ["-L"], TIMEOUT_MS);
    const hasCdi = devices.flat().some((file) => file.startsWith("nvidia"));
    return judgeContainers(found, { hasGpu: "stdout" in gpu, hasCdi });
  },
};

async function readVersion(engine: string): Promise<string | null> {
  const output = await runTool(engine, ["--version"], TIMEOUT_MS);
  if ("reason" in output) return null;
  return `${engine} ${output.stdout.match(/\d+(?:\.\d+)+/)?.[0] ?? ""}`.trim();
}

export function judgeContainers(
  found: readonly string[],
  { hasGpu, hasCdi }: { hasGpu: boolean; hasCdi: boolean },
): Finding {
  if (found.length === 0)
    return pass("no container engine; models that are containers are left to others (podman would do)");
  const engines = found.join(", ");
  if (!hasGpu) return pass(engines);
  if (hasCdi) return pass(`${engines}, with GPUs by CDI`);
  return warn(
    `${engines}; containers cannot be given the GPU`,
    "Install the NVIDIA Container Toolkit and run `nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml`.",
  );
}
