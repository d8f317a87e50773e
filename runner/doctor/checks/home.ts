import { access, constants, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { type Check, type Finding, fail, pass, warn } from "../check.ts";

/** Whether the runner's folder can be written to, and by its owner alone. */
export const checkHome: Check = {
  name: "home",
  examine: async ({ home }) => {
    const there = await nearest(home);
    const isWritable = await access(there, constants.W_OK | constants.X_OK).then(
      () => true,
      () => false,
    );
    return judgeHome(home, { exists: there === home, isWritable, mode: (await stat(there)).mode & 0o777 });
  },
};

interface HomeReading {
  exists: boolean;
  /** Of the home, or of the folder that it will be made in. */
  isWritable: boolean;
  mode: number;
}

export function judgeHome(home: string, { exists, isWritable, mode }: HomeReading): Finding {
  if (!isWritable)
    return fail(
      `${home} cannot be written to by this user`,
      "Give another --home, or take the folder over with `chown`.",
    );
  if (!exists) return pass(`${home}, made at the first start`);
  if (process.platform !== "win32" && (mode & 0o022) !== 0)
    return warn(`others may write to ${home}`, `Run \`chmod 700 ${home}\`.`);
  return pass(home);
}

async function nearest(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    const isThere = await stat(at).then(
      () => true,
      () => false,
    );
    if (isThere || at === dirname(at)) return at;
  }
}
