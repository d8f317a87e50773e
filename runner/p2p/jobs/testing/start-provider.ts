import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const FILE = fileURLToPath(new URL("./provider-process.ts", import.meta.url));

/** A provider's process, and what it has told. */
export class ProviderProcess {
  readonly #child: ChildProcess;
  readonly events: Record<string, unknown>[] = [];
  readonly #listening = Promise.withResolvers<string>();

  private constructor(child: ChildProcess) {
    this.#child = child;
    if (child.stdout === null) throw new Error("the provider's output is not piped");
    createInterface(child.stdout).on("line", (line) => {
      const event = JSON.parse(line);
      this.events.push(event);
      if (event.event === "listening") this.#listening.resolve(event.address);
    });
    child.once("exit", () => this.#listening.reject(new Error("the provider ended before it listened")));
    this.#listening.promise.catch(() => undefined);
  }

  static async start(home: string, row_ms = 0): Promise<ProviderProcess & { address: string }> {
    const child = spawn(process.execPath, [FILE, home, String(row_ms)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const provider = new ProviderProcess(child);
    return Object.assign(provider, { address: await provider.#listening.promise });
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill("SIGKILL");
    await once(this.#child, "exit");
  }
}
