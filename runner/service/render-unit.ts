import type { ServicePlan, ServiceScope } from "./service-plan.ts";

/** Exit codes that no restart mends: an argument, no engine, a ban. */
const FINAL_EXIT_CODES = [2, 5, 6];

/**
 * A unit of systemd (systemd.service(5)). It hardens what it can without taking from the runner what it confines models
 * with: bubblewrap needs namespaces and an untouched /proc, rootless podman needs newuidmap. So nothing here restricts
 * namespaces, mounts over /proc, or forbids new privileges or files that give some, which layers of images hold.
 */
export function renderUnit(plan: ServicePlan, scope: ServiceScope): string {
  const { command, memory_bytes_max, cores_max, stop_seconds_max } = plan;
  const isSystem = scope.kind === "system";
  return `${[
    "[Unit]",
    "Description=Infernet runner: runs inference jobs on this machine and earns for them",
    ...(isSystem ? ["Wants=network-online.target", "After=network-online.target"] : []),
    "StartLimitIntervalSec=600",
    "StartLimitBurst=10",
    "",
    "[Service]",
    "Type=exec",
    ...(isSystem ? [`User=${scope.user}`] : []),
    `ExecStart=${command.map(quoteForSystemd).join(" ")}`,
    "Restart=on-failure",
    "RestartSec=10",
    `RestartPreventExitStatus=${FINAL_EXIT_CODES.join(" ")}`,
    "# The first signal has it finish what it holds; its engines end with it.",
    "KillMode=mixed",
    `TimeoutStopSec=${stop_seconds_max}`,
    `MemoryMax=${memory_bytes_max ?? "95%"}`,
    ...(cores_max === null ? [] : [`CPUQuota=${cores_max * 100}%`]),
    "# A model that takes too much memory is ended alone, and the runner says so.",
    "OOMPolicy=continue",
    "UMask=0077",
    "LimitCORE=0",
    ...(isSystem ? ["ProtectSystem=full", "PrivateTmp=yes"] : []),
    "",
    "[Install]",
    `WantedBy=${isSystem ? "multi-user.target" : "default.target"}`,
  ].join("\n")}\n`;
}

/** One argument of a command line (systemd.service(5), "Command lines"): `%` and `$` stand for more than themselves there. */
export function quoteForSystemd(argument: string): string {
  const escaped = argument.replace(/[\\"]/g, "\\$&").replaceAll("%", "%%").replaceAll("$", "$$$$");
  return /^[\w@%+=:,./-]+$/.test(escaped) ? escaped : `"${escaped}"`;
}
