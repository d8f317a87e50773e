import { passedVariables } from "@infernet/schemas/worker-settings";
import { RunnerError } from "../runner-error.ts";
import { loadFirstAccount } from "./first-account.ts";
import { type HttpServer, startHttpServer } from "./host/http/http-server.ts";
import { startWorker } from "./host/start-worker.ts";
import { createNetworkSigner, type NetworkSigner } from "./network-signer.ts";
import { openStateFolder, type StateFolder } from "./state-folder.ts";
import { loadWorkerSecrets } from "./worker-bindings.ts";
import { findWorker } from "./worker-files.ts";

export interface AggregatorOptions {
  /** Folder for everything that is kept. */
  state: string;
  /** Address to listen on. */
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** Where clients reach it, when that is not http://HOST:PORT. */
  public_url?: string | undefined;
  environment: NodeJS.ProcessEnv;
  log: (level: string, message: string) => void;
}

export interface Aggregator {
  url: string;
  /** Where it keeps what. */
  folder: StateFolder;
  /** Answers a request as if it had come by HTTP, in this process. */
  fetch: (request: Request) => Promise<Response>;
  /** Signs in the network's name. */
  network: NetworkSigner;
  /** API key of the owner's own account. */
  accountKey: string;
  stop: () => Promise<void>;
}

/**
 * Starts an aggregator in this process: the edge's own Worker on Node.
 *
 * @throws RunnerError state_in_use, port_taken, aggregator_missing, key_unusable
 */
export async function startAggregator(options: AggregatorOptions): Promise<Aggregator> {
  const files = findWorker();
  const folder = openStateFolder(options.state);
  /** What has been started, to be ended the other way round. */
  const ends: (() => void | Promise<void>)[] = [folder.close];
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const secrets = loadWorkerSecrets(folder, options.environment);
    const network = createNetworkSigner(secrets.NETWORK_PRIVATE_KEY);
    const variables = passedVariables(options.environment);
    const worker = await startWorker({
      files,
      resources: folder.resources,
      blobs: folder.blobs,
      bindings: { ...variables, ...secrets },
      network: variables.ALLOW_PRIVATE_WEBHOOKS === "true" ? "any" : "public",
      log: options.log,
    });
    ends.push(worker.stop);
    const server = await listen(options, worker.fetch, worker.logFailure);
    ends.push(server.close);
    const url = options.public_url?.replace(/\/$/, "") ?? addressOf(options.host, server.port);
    // Only now is the port known; no request has been read yet.
    worker.bind("PUBLIC_URL", url);
    const operatorKey = secrets.INFERNET_OPERATOR_KEY;
    const accountKey = await loadFirstAccount(folder.accountKeyFile, {
      fetch: worker.fetch,
      url,
      operatorKey,
    });
    return { url, folder, fetch: worker.fetch, network, accountKey, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function addressOf(host: string, port: number): string {
  const reachable = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`;
}

async function listen(
  { host, port }: AggregatorOptions,
  answer: (request: Request) => Promise<Response>,
  logFailure: (error: unknown) => void,
): Promise<HttpServer> {
  try {
    return await startHttpServer({ host, port, answer, logFailure });
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE")
      throw new RunnerError("port_taken", `port ${port} on ${host} is taken`, { cause });
    throw cause;
  }
}
