/** Where a server is and how it is asked. */
export interface ServerAccess {
  /** As in `http://127.0.0.1:11434`: what stands before `/v1`. */
  base: string;
  /** Sent to this server and to no other. */
  api_key: string | null;
  /** Whether its owner has named it; else it was found on a port that such servers have. */
  isNamed: boolean;
}

/** Where the servers that people have listen unless told otherwise, on this machine alone. */
const KNOWN_SERVERS = [
  { name: "Ollama", base: "http://127.0.0.1:11434" },
  { name: "vLLM", base: "http://127.0.0.1:8000" },
  { name: "llama.cpp", base: "http://127.0.0.1:8080" },
  { name: "LM Studio", base: "http://127.0.0.1:1234" },
] as const;

/** The servers that the owner named, and the known ports that are none of these. A key is never sent where nobody said so. */
export function listAccesses(
  servers: readonly string[],
  discover: boolean,
  api_key: string | null,
): ServerAccess[] {
  const named = new Set(servers.map(baseOf));
  const found = discover ? KNOWN_SERVERS.map(({ base }) => base).filter((base) => !named.has(base)) : [];
  return [
    ...[...named].map((base) => ({ base, api_key, isNamed: true })),
    ...found.map((base) => ({ base, api_key: null, isNamed: false })),
  ];
}

/** People write the address with `/v1` and without; `localhost` may be an address that the server does not listen on. */
function baseOf(address: string): string {
  const url = new URL(address);
  if (url.hostname === "localhost") url.hostname = "127.0.0.1";
  return `${url.origin}${url.pathname.replace(/\/+$/, "").replace(/\/v1$/, "")}`;
}
