import { type Check, type Finding, fail, type Patient } from "./check.ts";

export interface Diagnosis extends Finding {
  name: string;
}

/** Examines everything at once. What takes too long or breaks is itself a finding. */
export function runChecks(
  checks: readonly Check[],
  patient: Patient,
  timeout_ms: number,
): Promise<Diagnosis[]> {
  return Promise.all(
    checks.map(async ({ name, examine }) => {
      const timeout = AbortSignal.timeout(timeout_ms);
      const late = new Promise<Finding>((resolve) => {
        timeout.addEventListener("abort", () => resolve(tooLate(timeout_ms)), { once: true });
      });
      const found = await Promise.race([examine(patient, timeout).catch(broken), late]);
      return { name, ...found };
    }),
  );
}

const tooLate = (timeout_ms: number): Finding =>
  fail(
    `no answer within ${timeout_ms / 1_000} s`,
    "Run `infernet-runner doctor` again when the machine is less busy.",
  );

const broken = (error: unknown): Finding =>
  fail(`the check itself broke: ${String(error)}`, "This is a fault of the runner: please report it.");
