import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";

const execute = promisify(execFile);

/**
 * A network namespace of Linux (network_namespaces(7)) that lasts as long as the process that holds it, which ends with this one, however
 * that ends: it waits for the end of its input. So nothing is ever left behind.
 */
export interface Namespace {
  /** Of the process that holds it: `ip link set … netns <pid>` names it so. */
  readonly pid: number;
  /** What to put before a program's name to run it inside. The process that results is the program's own. */
  readonly enter: readonly [string, ...string[]];
  /** Runs a shell script inside, and gives its output. Rejects with what it wrote when it fails. */
  run(script: string): Promise<string>;
  close(): Promise<void>;
}

/**
 * @param owner another namespace whose user this one is to belong to; without it a new one, and for who is not root a new user
 * namespace, too (user_namespaces(7))
 */
export async function openNamespace(owner?: Namespace): Promise<Namespace> {
  const isRoot = process.getuid?.() === 0;
  const [program, ...args] = [
    ...(owner?.enter ?? []),
    ...["unshare", ...(isRoot || owner !== undefined ? [] : ["--map-root-user"]), "--net"],
    ...["sh", "-c", "echo open && exec cat"],
  ] as [string, ...string[]];
  const holder = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
  const complaints: Buffer[] = [];
  holder.stderr.on("data", (bytes: Buffer) => complaints.push(bytes));
  await new Promise<void>((resolve, reject) => {
    holder.once("error", reject);
    holder.stdout.once("data", () => resolve());
    holder.once("close", () =>
      reject(new Error(`no network namespace: ${Buffer.concat(complaints).toString().trim()}`)),
    );
  });
  const { pid } = holder;
  if (pid === undefined) throw new Error("no network namespace: its process has no id");

  const enter: Namespace["enter"] = [
    ...(["nsenter", "--target", String(pid), "--net"] as const),
    ...(isRoot ? [] : ["--user", "--preserve-credentials"]),
  ];
  return {
    pid,
    enter,
    run: async (script) => {
      const [first, ...rest] = enter;
      const { stdout } = await execute(first, [...rest, "sh", "-ec", script]);
      return stdout;
    },
    close: async () => {
      const ended = holder.exitCode === null ? once(holder, "close") : null;
      holder.stdin.end();
      await ended;
    },
  };
}
