import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { type ContainerSpec, containerArgs } from "./container-args.ts";
import { CONTAINER_CLIS } from "./container-cli.ts";

const spec: ContainerSpec = {
  name: "infernet-1",
  labels: { "org.infernet.home": "abc" },
  image: "sha256:0123",
  memory_bytes: 1_000_000_000,
  cpus: 2,
  gpu: false,
  interactive: true,
  mounts: [],
};

/** Whether these stand one after the other. */
const has = (args: readonly string[], ...wanted: string[]): boolean =>
  args.some((_, i) => wanted.every((word, n) => args[i + n] === word));

it.each(CONTAINER_CLIS)("%s withholds everything that a model does not need", (cli) => {
  const args = containerArgs(cli, [], spec);
  expect(has(args, "--network", "none")).toBe(true);
  expect(has(args, "--cap-drop", "all")).toBe(true);
  expect(has(args, "--security-opt", "no-new-privileges")).toBe(true);
  expect(has(args, "--user", "65534:65534")).toBe(true);
  expect(has(args, "--memory", "1000000000", "--memory-swap", "1000000000")).toBe(true);
  expect(has(args, "--pull", "never")).toBe(true);
  expect(args).toContain("--read-only");
  expect(args.some((arg) => /privileged|--publish|-p$|host/.test(arg))).toBe(false);
  expect(args.at(-1)).toBe("sha256:0123");
});

it("podman takes its runtime before the command, the others behind it", () => {
  const runtime = ["--runtime", "runc"];
  expect(containerArgs("podman", runtime, spec).slice(0, 3)).toEqual(["--runtime", "runc", "run"]);
  expect(containerArgs("docker", runtime, spec).slice(0, 3)).toEqual(["run", "--runtime", "runc"]);
});

it("gives GPUs only where they are asked for, in each engine's words", () => {
  expect(has(containerArgs("podman", [], spec), "--device", "nvidia.com/gpu=all")).toBe(false);
  expect(has(containerArgs("podman", [], { ...spec, gpu: true }), "--device", "nvidia.com/gpu=all")).toBe(
    true,
  );
  expect(has(containerArgs("docker", [], { ...spec, gpu: true }), "--gpus", "all")).toBe(true);
});

it("mounts for reading only, and keeps this machine's proxies to itself", () => {
  const mounts = [{ from: "/home/ada/weights", to: "/model/weights" }];
  expect(
    has(containerArgs("podman", [], { ...spec, mounts }), "--volume", "/home/ada/weights:/model/weights:ro"),
  ).toBe(true);
  expect(containerArgs("podman", [], spec)).toContain("--http-proxy=false");
  expect(has(containerArgs("docker", [], spec), "--env", "https_proxy=")).toBe(true);
});

const docker = spawnSync("docker", ["--version"]).status === 0 ? null : "there is no docker";
it.skipIf(docker)(`docker takes all of them${docker ? ` (skipped: ${docker})` : ""}`, () => {
  const all: ContainerSpec = {
    ...spec,
    gpu: true,
    mounts: [{ from: "/etc/hosts", to: "/model/hosts" }],
    program: ["/rows", "double"],
  };
  // It reads its arguments before it looks for what would run them.
  const env = { ...process.env, DOCKER_HOST: "unix:///nowhere/docker.sock" };
  const { stderr } = spawnSync("docker", containerArgs("docker", ["--runtime", "runsc"], all), { env });
  expect(String(stderr)).toMatch(/connect to the Docker daemon/);
});
