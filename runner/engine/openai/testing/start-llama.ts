import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const SERVER = fileURLToPath(new URL("./llama-server.ts", import.meta.url));

export interface LlamaServer {
  process: ChildProcess;
  port: number;
  url: string;
}

/** llama.cpp in a process of its own, listening. Rejects with what it said when it does not come to that. */
export async function startLlama(
  module: string,
  model: { path: string; name: string; context_tokens: number },
  port = 0,
): Promise<LlamaServer> {
  const args = [SERVER, module, model.path, model.name, String(model.context_tokens), String(port)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += String(chunk);
  });
  const ended = once(child, "exit").then(() => {
    throw new Error(`the llama.cpp server ended: ${said.slice(-2_000)}`);
  });
  ended.catch(() => undefined);
  const [line] = await Promise.race([once(createInterface(child.stdout), "line"), ended]);
  const listening = Number(line);
  return { process: child, port: listening, url: `http://127.0.0.1:${listening}` };
}
