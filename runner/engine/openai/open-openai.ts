import type { ExecutionProvider } from "@infernet/schemas/runner";
import { hasNvidiaTrace } from "../../hardware/gpu/detect-gpus.ts";
import type { AnyEngine } from "../engine.ts";
import type { MissingEngine } from "../open-engines.ts";
import { ModelServer } from "./model-server.ts";
import { createOpenaiEngine } from "./openai-engine.ts";
import { readApiKey } from "./read-api-key.ts";
import { listAccesses } from "./server-access.ts";

/** What an owner says about servers of the OpenAI API. */
export interface OpenaiWanted {
  /** Addresses. */
  servers: readonly string[];
  /** Whether to look at the ports of this machine that such servers have. */
  discover: boolean;
  /** The models that are offered; all of them where none is named. */
  models: readonly string[];
  at_once: number | undefined;
  api_key_file: string | undefined;
}

/** Every server that may be there, asked once. Throws `EngineMissing` where the owner's key cannot be used. */
export async function openServers(wanted: OpenaiWanted): Promise<ModelServer[]> {
  const { servers, discover, models, at_once, api_key_file } = wanted;
  const accesses = listAccesses(servers, discover, await readApiKey(api_key_file, process.env));
  const execution_provider = providerOfMachine();
  const opened = accesses.map(
    (access) => new ModelServer({ access, only: models, at_once, execution_provider }),
  );
  await Promise.all(opened.map((server) => server.refresh()));
  return opened;
}

/**
 * An engine for each server, those too that do not answer yet: they are offered when they do. Only a server that the owner
 * has named is missed.
 */
export async function openOpenai(wanted: OpenaiWanted): Promise<(AnyEngine | MissingEngine)[]> {
  const servers = await openServers(wanted);
  const missing = servers.flatMap(({ access: { base, isNamed }, problem }): MissingEngine[] =>
    problem === null || !isNamed
      ? []
      : [
          {
            engine: "openai",
            reason: `the server at ${base}: ${problem}`,
            fix: "Start the server, or mend `servers` in `[openai]`; it is offered as soon as it answers.",
          },
        ],
  );
  return [...servers.map((server) => createOpenaiEngine(server)), ...missing];
}

/**
 * No server says what it computes on. Where this machine has NVIDIA's driver it is taken to use the GPU, as these servers do
 * by themselves; a server on another machine is taken to be like this one.
 */
const providerOfMachine = (): ExecutionProvider => (hasNvidiaTrace() ? "cuda" : "cpu");
