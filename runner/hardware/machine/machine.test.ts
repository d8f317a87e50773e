import { tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cgroupCores } from "./cgroup-cores.ts";
import { cgroupFolders } from "./cgroup-folders.ts";
import { detectMachine } from "./detect-machine.ts";

test("a control group's quota is so many cores, at least one, and none where there is no quota", () => {
  expect(
    ["200000 100000", "350000 100000\n", "50000 100000", "max 100000", "-1 100000", ""].map(cgroupCores),
  ).toEqual([2, 3, 1, null, null, null]);
});

test("the limits of all groups above a process hold it, in both versions of control groups", () => {
  expect(cgroupFolders("0::/user.slice/app.scope\n", "cpu")).toEqual([
    "/sys/fs/cgroup/user.slice/app.scope",
    "/sys/fs/cgroup/user.slice",
    "/sys/fs/cgroup",
  ]);
  expect(cgroupFolders("4:cpu,cpuacct:/docker/ab\n3:memory:/docker/ab\n", "cpu")).toEqual([
    "/sys/fs/cgroup/cpu/docker/ab",
    "/sys/fs/cgroup/cpu/docker",
    "/sys/fs/cgroup/cpu",
  ]);
});

test("this machine has cores, memory within what is built in, and free space where a folder will be", async () => {
  const machine = await detectMachine(join(tmpdir(), "a-folder-that-is-not-there/yet"));
  expect(machine.cpu_cores).toBeGreaterThanOrEqual(1);
  expect(machine.memory_bytes).toBeGreaterThan(0);
  expect(machine.memory_bytes).toBeLessThanOrEqual(totalmem());
  expect(machine.disk_free_bytes).toBeGreaterThan(0);
});
