import { resolve } from "node:path";
import type { Command } from "commander";
import { addExamples, configOption, edgeOption, homeOption, jsonOption } from "../cli/common-options.ts";
import { createErrorLog, reporting } from "../cli/reporting.ts";
import { askNetwork } from "./ask-network.ts";
import type { Check, NetworkAnswer, Patient } from "./check.ts";
import { checkClock } from "./checks/clock.ts";
import { checkConfig } from "./checks/config.ts";
import { checkContainers } from "./checks/containers.ts";
import { checkDisk } from "./checks/disk.ts";
import { checkEdge } from "./checks/edge.ts";
import { checkEngines } from "./checks/engines.ts";
import { checkGpu } from "./checks/gpu.ts";
import { checkHome } from "./checks/home.ts";
import { checkIdentity } from "./checks/identity.ts";
import { checkLlmServers } from "./checks/llm-servers.ts";
import { checkMemory } from "./checks/memory.ts";
import { checkPeers } from "./checks/peers.ts";
import { checkRegistry } from "./checks/registry.ts";
import { checkSandbox } from "./checks/sandbox.ts";
import { checkStanding } from "./checks/standing.ts";
import { edgeOfPatient } from "./edge-of-patient.ts";
import { renderDiagnosis } from "./render-diagnosis.ts";
import { runChecks } from "./run-checks.ts";

const CHECKS: readonly Check[] = [
  checkConfig,
  checkHome,
  checkIdentity,
  checkEdge,
  checkClock,
  checkStanding,
  checkDisk,
  checkMemory,
  checkGpu,
  checkSandbox,
  checkContainers,
  checkEngines,
  checkLlmServers,
  checkRegistry,
  checkPeers,
];

/** As the README lists it: something has to be mended first. */
const FAILED_EXIT_CODE = 9;
const CHECK_MS_MAX = 30_000;

interface DoctorFlags {
  home: string;
  config?: string;
  edge?: string;
  json?: boolean;
}

/** `infernet-runner doctor`: whether this machine can work, and what to mend. */
export function addDoctorCommand(program: Command): void {
  const command = program
    .command("doctor")
    .description("check whether this machine can work, and say how to mend what keeps it from it")
    .addOption(edgeOption())
    .addOption(homeOption())
    .addOption(configOption())
    .addOption(jsonOption('print { "ok", "checks": [{ "name", "status", "detail", "fix" }] }'))
    .action((flags: DoctorFlags) => reporting(createErrorLog(), () => doctor(flags)));
  addExamples(command, "infernet-runner doctor", "infernet-runner doctor --edge https://edge.example --json");
}

async function doctor({ json, ...flags }: DoctorFlags): Promise<void> {
  const found = await runChecks(CHECKS, patientOf(flags), CHECK_MS_MAX);
  const ok = found.every(({ status }) => status !== "fail");
  process.stdout.write(
    json ? `${JSON.stringify({ ok, checks: found }, null, 2)}\n` : renderDiagnosis(found, process.stdout),
  );
  process.exitCode = ok ? 0 : FAILED_EXIT_CODE;
}

function patientOf({ home, config, edge }: Omit<DoctorFlags, "json">): Patient {
  const about = { home: resolve(home), config, edge };
  let asked: Promise<NetworkAnswer> | null = null;
  const ask = async (): Promise<NetworkAnswer> => {
    const at = await edgeOfPatient(about);
    return at === null ? { kind: "unset" } : askNetwork(at);
  };
  return {
    ...about,
    askNetwork: () => {
      asked ??= ask();
      return asked;
    },
  };
}
