import { reachesSandbox } from "@infernet/schemas/sandbox";
import { detectSandboxes, type SandboxFinding } from "../../sandbox/detect-sandboxes.ts";
import { type Check, type Finding, fail, pass, warn } from "../check.ts";

/** What strangers' models are held to on this machine, each level by having run something in it. */
export const checkSandbox: Check = {
  name: "sandbox",
  examine: async () => judgeSandboxes((await detectSandboxes()).findings),
};

/** @param findings from least to most */
export function judgeSandboxes(findings: readonly SandboxFinding[]): Finding {
  const usable = findings.filter((finding) => finding.usable);
  const best = usable.at(-1);
  if (best === undefined)
    return fail("no process can be started", "See what the system says about starting Node.");
  const levels = usable.map(({ level }) => level).join(", ");
  if (reachesSandbox(best.level, "bwrap")) return pass(`${levels}: models run in ${best.level}`);
  const barred = findings.filter(({ usable }) => !usable);
  const reasons = barred.map(({ level, reason }) => `${level}: ${reason}`).join("; ");
  const fixes = barred.flatMap(({ fix }) => (fix === null ? [] : [fix])).join(" ");
  const said = `models run in ${best.level} at most${reasons === "" ? "" : `. ${reasons}`}`;
  return warn(said, fixes || "Jobs that want more are not offered; only Linux has stronger ones.");
}
