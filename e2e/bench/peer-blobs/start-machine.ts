import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Cleanup } from "../../network/cleanup.ts";
import type { MachineAnswer, MachineOrder } from "./machine-order.ts";

const PROGRAM = fileURLToPath(new URL("./blob-machine.ts", import.meta.url));

export interface Machine {
  /** Rejects with what failed there. */
  ask(order: MachineOrder): Promise<Exclude<MachineAnswer, { error: string }>>;
}

/** @param home an own folder */
export async function startMachine(home: string, cleanup: Cleanup): Promise<Machine> {
  const child = fork(PROGRAM, [home], { serialization: "advanced" });
  cleanup.add(() => void child.kill("SIGKILL"));
  await once(child, "message");
  return {
    ask: async (order) => {
      child.send(order);
      const [answer] = (await once(child, "message")) as [MachineAnswer];
      if ("error" in answer) throw new Error(answer.error);
      return answer;
    },
  };
}
