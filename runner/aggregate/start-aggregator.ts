import { RunnerError } from "../runner-error.ts";
import { loadFirstAccount } from "./first-account.ts";
import { type HttpServer, startHttpServer } from "./host/http/http-server.ts";
import { startWorker } from "./host/start-worker.ts";
import { createNetworkSigner, type NetworkSigner } from "./network-signer.ts";
import { openStateFolder, type StateFolder } from "./state-folder.ts";
import { loadWorkerSecrets, passedVariables } from "./worker-bindings.ts";
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
 * @throws RunnerError state_in_use, port_taken, aggregator_missing
 */
export async function startAggregator(options: AggregatorOptions): Promise<Aggregator> {
  const files = findWorker();
  const folder = openStateFolder(options.state);
  const secrets = loadWorkerSecrets(folder, options.environment);
  const variables = passedVariables(options.environment);
  const bindings: Record<string, string> = { ...variables, ...secrets };
  const worker = await startWorker({
    files,
    resources: folder.resources,
    blobs: folder.blobs,
    bindings,
    network: variables.ALLOW_PRIVATE_WEBHOOKS === "true" ? "any" : "public",
    log: options.log,
  });
  const server = await listen(options, worker.fetch, worker.logFailure).catch((error: unknown) => {
    worker.stop();
    folder.close();
    throw error;
  });
  const reachable = options.host === "0.0.0.0" || options.host === "::" ? "127.0.0.1" : options.host;
  const authority = reachable.includes(":") ? `[${reachable}]` : reachable;
  const url = options.public_url?.replace(/\/$/, "") ?? `http://${authority}:${server.port}`;
  // Only now is the port known; no request has been read yet.
  worker.bind("PUBLIC_URL", url);
  return {
    url,
    folder,
    fetch: worker.fetch,
    network: createNetworkSigner(secrets.NETWORK_PRIVATE_KEY),
    accountKey: await loadFirstAccount(folder.accountKeyFile, {
      fetch: worker.fetch,
      url,
      operatorKey: secrets.INFERNET_OPERATOR_KEY,
    }),
    stop: async () => {
      await server.close();
      worker.stop();
      folder.close();
    },
  };
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
