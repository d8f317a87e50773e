import { detectMachine } from "../../hardware/machine/detect-machine.ts";
import { renderBytes } from "../../hardware/render-bytes.ts";
import { type Check, type Finding, fail, pass, warn } from "../check.ts";

const NEEDED_BYTES = 512 * 1024 ** 2;
const GOOD_BYTES = 2 * 1024 ** 3;

/** Whether a model fits into the memory that this process may use. */
export const checkMemory: Check = {
  name: "memory",
  examine: async ({ home }) => {
    const { memory_bytes, cpu_cores, cpu_model } = await detectMachine(home);
    return judgeMemory(memory_bytes, `${cpu_cores} cores${cpu_model === null ? "" : ` of ${cpu_model}`}`);
  },
};

export function judgeMemory(bytes: number, cores: string): Finding {
  const has = `${renderBytes(bytes)}, ${cores}`;
  if (bytes < NEEDED_BYTES)
    return fail(
      `${has}; an engine alone takes ${renderBytes(NEEDED_BYTES)}`,
      "Give this machine, container or service more memory.",
    );
  if (bytes < GOOD_BYTES) return warn(has, `Most models want ${renderBytes(GOOD_BYTES)} or more.`);
  return pass(has);
}
