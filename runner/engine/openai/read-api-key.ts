import { readFile, stat } from "node:fs/promises";
import { LIMITS } from "@infernet/schemas/limits";
import { EngineMissing } from "../engine-missing.ts";

/** The environment's variable, which goes before the file. */
export const API_KEY_VARIABLE = "INFERNET_OPENAI_API_KEY";

/**
 * The key that the owner's servers want; null where none is set. It stands in no settings, which people show each other.
 * Throws `EngineMissing` for a file that cannot be used, or that others may read.
 */
export async function readApiKey(
  file: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  const given = env[API_KEY_VARIABLE];
  if (given !== undefined && given !== "") return checked(given, API_KEY_VARIABLE);
  if (file === undefined) return null;
  try {
    const { mode } = await stat(file);
    // Windows has no such bits: there the profile folder's access list guards the file.
    if (process.platform !== "win32" && (mode & 0o077) !== 0)
      throw new EngineMissing(`others may read ${file}`, `Run \`chmod 600 ${file}\`.`);
    return checked((await readFile(file, "utf8")).trim(), file);
  } catch (error) {
    if (error instanceof EngineMissing) throw error;
    throw new EngineMissing(`the key's file ${file} cannot be read`, "Mend `api_key_file` in `[openai]`.", {
      cause: error,
    });
  }
}

/** As a header can carry it. */
function checked(key: string, where: string): string {
  if (key.length <= LIMITS.openai_key_chars_max && /^[\x21-\x7e]+$/.test(key)) return key;
  throw new EngineMissing(
    `${where} holds no key`,
    `Put the key there alone: at most ${LIMITS.openai_key_chars_max} printable characters without spaces.`,
  );
}
