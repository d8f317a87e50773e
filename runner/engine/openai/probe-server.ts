import { LIMITS } from "@infernet/schemas/limits";
import { z } from "zod";
import { askForJson } from "./ask-server.ts";
import type { ServerAccess } from "./server-access.ts";

/** What a server is, which decides what it is asked for beyond OpenAI's API: how to go on with a completion above all. */
export type ServerKind = "ollama" | "vllm" | "llama.cpp" | "lm-studio" | "server";

export interface ServerIdentity {
  kind: ServerKind;
  /** Kind and version, as far as it says: `ollama-0.12.3`. */
  version: string;
  /** Completions that it makes at once; null where it does not say. */
  at_once: number | null;
}

export interface ServerReading extends ServerIdentity {
  /** Its names of the models that can be offered, in its order. */
  models: string[];
  /** Models that it has besides: one engine offers no more, or their names are longer than is allowed. */
  left_out: number;
}

const Served = z.looseObject({
  data: z.array(z.looseObject({ id: z.string().min(1), owned_by: z.string().nullish() })).max(100_000),
});
type Served = z.infer<typeof Served>;

/**
 * Asks a server what it has and what it is.
 *
 * @param only the models that its owner offers; all of them where it names none
 * @param known what it was when it was asked last: its kind stays, and its version may be another
 * @throws ServerUnusable when it does not answer, or not as such a server does
 */
export async function probeServer(
  access: ServerAccess,
  only: readonly string[],
  known: ServerIdentity | null,
  signal: AbortSignal,
): Promise<ServerReading> {
  const question = { signal, bytes_max: LIMITS.openai_answer_bytes_max };
  const served = await askForJson(access, "/v1/models", Served, question);
  const identity = await identify(access, served, known, question);
  const names = [...new Set(served.data.map(({ id }) => id))];
  const wanted = only.length === 0 ? names : names.filter((name) => only.includes(name));
  const models = wanted.filter(isNameable).slice(0, LIMITS.formats_per_engine_max);
  return { ...identity, models, left_out: wanted.length - models.length };
}

/** Short enough for an offer, and without what a terminal would take for an order. */
const isNameable = (name: string): boolean =>
  name.length <= LIMITS.served_model_chars_max && !/\p{C}/u.test(name);

interface Sign {
  kind: ServerKind;
  /** What the server calls the owner of its models. */
  owner: string | null;
  path: string;
  read(answer: unknown): Omit<ServerIdentity, "kind" | "version"> & { version: string | null };
}

const Version = z.looseObject({ version: z.string().min(1) });

/** Each has something that the others lack. Where none of it is there, the server is one that speaks the API and no more. */
const SIGNS: readonly Sign[] = [
  {
    kind: "vllm",
    owner: "vllm",
    path: "/version",
    read: (answer) => ({ version: Version.parse(answer).version, at_once: LIMITS.generations_at_once_max }),
  },
  {
    kind: "llama.cpp",
    owner: "llamacpp",
    path: "/props",
    read: (answer) => {
      const props = z
        .looseObject({ build_info: z.string().optional(), total_slots: z.int().min(1).optional() })
        .refine((one) => one.build_info !== undefined || one.total_slots !== undefined)
        .parse(answer);
      return { version: props.build_info ?? null, at_once: props.total_slots ?? null };
    },
  },
  {
    kind: "ollama",
    owner: null,
    path: "/api/version",
    read: (answer) => ({ version: Version.parse(answer).version, at_once: null }),
  },
  {
    kind: "lm-studio",
    owner: null,
    path: "/api/v0/models",
    read: (answer) => {
      z.looseObject({ data: z.array(z.looseObject({ state: z.string() })) }).parse(answer);
      return { version: null, at_once: null };
    },
  },
];

async function identify(
  access: ServerAccess,
  { data }: Served,
  known: ServerIdentity | null,
  question: { signal: AbortSignal; bytes_max: number },
): Promise<ServerIdentity> {
  const owners = new Set(data.map(({ owned_by }) => owned_by));
  const named = SIGNS.find(({ owner }) => owner !== null && owners.has(owner));
  const likely = known ? SIGNS.filter(({ kind }) => kind === known.kind) : named ? [named] : UNNAMED;
  for (const { kind, path, read } of likely) {
    const found = await askForJson(access, path, z.unknown(), question)
      .then(read)
      .catch(() => null);
    if (found) return { kind, version: versionOf(kind, found.version), at_once: found.at_once };
    question.signal.throwIfAborted();
  }
  const kind = named?.kind ?? "server";
  return known ?? { kind, version: kind, at_once: null };
}

/** Whose models say nothing of who has them. */
const UNNAMED = SIGNS.filter(({ owner }) => owner === null);

const VERSION_CHARS_MAX = 48;

/** In the characters of an execution class. */
const versionOf = (kind: ServerKind, version: string | null): string =>
  version === null
    ? kind
    : `${kind}-${version.toLowerCase().replace(/[^a-z0-9._+-]+/g, "-")}`.slice(0, VERSION_CHARS_MAX);
