import { RunnerError } from "../runner-error.ts";
import { launchdHost } from "./launchd-host.ts";
import type { ServicePlan, ServiceScope } from "./service-plan.ts";
import { createSystemdHost } from "./systemd-host.ts";

export interface ServiceState {
  /** Where its description lies, or would. */
  file: string;
  installed: boolean;
  enabled: boolean;
  active: boolean;
}

/** What keeps services on this machine. */
export interface ServiceHost {
  /** Where the description lies. */
  readonly file: string;
  render(plan: ServicePlan): string;
  /** Writes the description and has it start now and with the machine. Throws `service_refused`. */
  install(plan: ServicePlan): Promise<void>;
  state(): Promise<ServiceState>;
  /** Stops it, and removes the description. Throws `service_refused`. */
  uninstall(): Promise<void>;
}

/** Throws `service_unsupported`. */
export function openServiceHost(scope: ServiceScope): ServiceHost {
  if (process.platform === "linux") return createSystemdHost(scope);
  if (process.platform === "darwin" && scope.kind === "user") return launchdHost;
  const what = process.platform === "darwin" ? "services of the whole machine are" : `${process.platform} is`;
  throw new RunnerError(
    "service_unsupported",
    `${what} not supported: systemd on Linux is, and agents of launchd`,
  );
}
