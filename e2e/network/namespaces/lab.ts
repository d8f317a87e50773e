import { type Program, type ProgramOptions, startCommand } from "../program.ts";
import { type Namespace, openNamespace } from "./namespace.ts";
import { type NatKind, natRules, onlyAnswers } from "./nat-kind.ts";
import { readTraffic, type Traffic } from "./traffic.ts";

/** A machine of the lab. */
export interface LabMachine {
  readonly name: string;
  /** By which the others of the lab see it: its own, or its router's. */
  readonly address: string;
  /** By which it knows itself. */
  readonly inside: string;
  readonly namespace: Namespace;
  /** Starts a Node program on it. */
  start(options: ProgramOptions): Program;
  /** What has gone through its network interface by now. */
  traffic(): Traffic;
}

/** An internet of its own on this machine: a switch, machines on it, and homes behind routers. */
export interface Lab {
  /** A machine on the internet itself, or with `no_inbound` behind a firewall. */
  addServer(name: string, kind?: "none" | "no_inbound"): Promise<LabMachine>;
  /** A machine in a home of its own. */
  addHome(name: string, kind: Exclude<NatKind, "none" | "no_inbound">): Promise<LabMachine>;
  close(): Promise<void>;
}

/**
 * Addresses of the lab. They must be ones that libp2p takes for public, or it neither tests nor announces them: the ranges for
 * documentation and for benchmarks are none. Nothing leaves the namespaces, so that nobody's is disturbed.
 */
const internet = (n: number): string => `11.0.0.${n}`;
const HOME = { router: "192.168.1.1", machine: "192.168.1.2" };

/** Rejects where network namespaces, bridges or NAT are not to be had: see `explainNoLab`. */
export async function openLab(): Promise<Lab> {
  const core = await openNamespace();
  const opened = [core];
  let count = 0;
  await core.run("ip link set lo up; ip link add net type bridge; ip link set net up");

  const open = async (): Promise<Namespace> => {
    const namespace = await openNamespace(core);
    opened.push(namespace);
    await namespace.run("ip link set lo up");
    return namespace;
  };
  /** A cable from the switch to a namespace. */
  const plug = async (namespace: Namespace, name: string, address: string): Promise<void> => {
    const port = `port${count}`;
    await core.run(
      `ip link add ${port} type veth peer name ${name} netns ${namespace.pid}; ip link set ${port} master net up`,
    );
    await namespace.run(`ip address add ${address}/24 dev ${name}; ip link set ${name} up`);
  };
  const nextAddress = (): string => {
    count += 1;
    return internet(count);
  };

  return {
    addServer: async (name, kind = "none") => {
      const address = nextAddress();
      const namespace = await open();
      await plug(namespace, "eth0", address);
      if (kind === "no_inbound") await namespace.run(onlyAnswers("INPUT", "eth0").join("; "));
      return createMachine(name, namespace, address, address);
    },
    addHome: async (name, kind) => {
      const address = nextAddress();
      const [router, namespace] = [await open(), await open()];
      await plug(router, "wan", address);
      await router.run(
        [
          `ip link add lan type veth peer name eth0 netns ${namespace.pid}`,
          `ip address add ${HOME.router}/24 dev lan; ip link set lan up`,
          "echo 1 > /proc/sys/net/ipv4/ip_forward",
          ...natRules(kind, HOME.machine),
        ].join("; "),
      );
      await namespace.run(
        `ip address add ${HOME.machine}/24 dev eth0; ip link set eth0 up; ip route add default via ${HOME.router}`,
      );
      return createMachine(name, namespace, address, HOME.machine);
    },
    close: async () => {
      await Promise.all(opened.map((namespace) => namespace.close()));
    },
  };
}

function createMachine(name: string, namespace: Namespace, address: string, inside: string): LabMachine {
  return {
    name,
    address,
    inside,
    namespace,
    start: ({ file, args, environment, ...options }) =>
      startCommand({
        ...options,
        // It ends with the process that started it, even when that is killed.
        command: [...namespace.enter, "setpriv", "--pdeathsig", "KILL", process.execPath, file, ...args],
        env: { ...process.env, ...environment },
      }),
    traffic: () => readTraffic(namespace.pid, "eth0"),
  };
}
