import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** As the system's users without rights have it. */
const NOBODY = 65_534;

const isRoot = process.getuid?.() === 0;

/** Why nothing can be run as an ordinary user here; null where it can. */
export function whyNotOrdinary(): string | null {
  if (!isRoot) return null;
  try {
    process.seteuid?.(NOBODY);
    accessSync(process.execPath, constants.X_OK);
    accessSync(new URL(import.meta.url), constants.R_OK);
    return null;
  } catch (error) {
    return `another user than root cannot read this clone (${error})`;
  } finally {
    process.seteuid?.(0);
  }
}

/** Runs a module's text as a user without rights, in this folder, and resolves with what it prints. */
export async function asOrdinaryUser(program: string): Promise<string> {
  const identity = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  const cwd = fileURLToPath(new URL(".", import.meta.url));
  const args = ["--input-type=module", "-e", program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { ...identity, cwd });
  return stdout;
}
