import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { ApiClient } from "./api-client.ts";
import { type Program, startProgram } from "./program.ts";

export interface AggregateProcess {
  /** Of its owner's account. */
  client: ApiClient;
  network: string;
  /** Where peers reach it. */
  address: string;
  port: number;
  program: Program;
}

export interface AggregateOptions {
  name: string;
  state: string;
  /** Of an earlier one, to start again where it was; else free ones. */
  earlier?: Pick<AggregateProcess, "port" | "address">;
  environment?: Record<string, string>;
}

const MAIN = fileURLToPath(import.meta.resolve("infernet-runner/main"));
const Listening = z.object({ url: z.url(), accountKeyFile: z.string(), network: z.string() });
const Joined = z.object({ addresses: z.tuple([z.string()], z.string()) });

/** Starts an aggregator that peers reach, as `npx infernet-runner aggregate --listen` does. */
export async function startAggregate(options: AggregateOptions): Promise<AggregateProcess> {
  const { name, state, earlier, environment = {} } = options;
  const listen = earlier?.address.replace(/\/p2p\/.*$/, "") ?? "/ip4/127.0.0.1/tcp/0";
  const program = startProgram({
    name,
    file: MAIN,
    args: [
      ...["aggregate", "--json", "--state", state, "--name", name],
      ...["--port", String(earlier?.port ?? 0), "--listen", listen],
    ],
    environment: { ALLOW_PRIVATE_WEBHOOKS: "true", INFERNET_OPERATOR_KEY: "", ...environment },
  });
  const { url, accountKeyFile, network } = Listening.parse(await program.waitFor("listening"));
  const { addresses } = Joined.parse(await program.waitFor("peers.joined"));
  const client = new ApiClient(url, readFileSync(accountKeyFile, "utf8").trim());
  return { client, network, address: addresses[0], port: Number(new URL(url).port), program };
}
