import { type Completion, type Generation, isCompletion } from "@infernet/schemas/llm/generation";
import { measureChoices, measureLogprobs, measureTold } from "./measure-evidence.ts";
import { type ReadCompletion, readCompletion } from "./read-completion.ts";

/** Positions of a completion that somebody else made before its maker went on from there. */
export interface Stretch {
  /** Counted from 0. */
  readonly start: number;
  readonly positions: number;
}

/** What a completion had to keep to. */
export interface CompletionRules {
  readonly tokens_max: number;
  /** Tokens of prompt and completion together. */
  readonly context_tokens: number;
}

/**
 * Why two generations are held against each other. `answer`: the second is an answer, the first a check of it, and the
 * answer must be what the rules say. `alike`: two checks of one answer, or two answers to one request.
 */
export type ComparedAs =
  | { readonly kind: "answer"; readonly rules: CompletionRules | null; readonly begun: readonly Stretch[] }
  | { readonly kind: "alike" };

/** How far apart two generations are. */
export interface GenerationDistance {
  /** `apart`: they contradict each other whatever the numbers; `unknown`: nobody can tell. */
  readonly verdict: "measured" | "apart" | "unknown";
  /** Of the logprobs, see `measureLogprobs` and `measureTold`. */
  readonly deviation: number;
  /** Of the choices, see `measureChoices`. */
  readonly choice: number;
  /** Of the choices of each stretch that somebody else had begun, as both sides see them at least. */
  readonly begun: readonly number[];
}

const NOTHING = { deviation: 0, choice: 0, begun: [] };
const APART: GenerationDistance = { verdict: "apart", ...NOTHING };
const UNKNOWN: GenerationDistance = { verdict: "unknown", ...NOTHING };

/** @param checking what was made to check; null what could not be read */
export function compareCompletions(
  checking: Generation | null,
  checked: Generation | null,
  as: ComparedAs,
): GenerationDistance {
  if (checking === null || checked === null) return APART;
  if (!isCompletion(checking) || !isCompletion(checked)) return compareErrors(checking, checked);
  const theirs = readCompletion(checked);
  const ours = readCompletion(checking);
  if (theirs === "unknown" && ours === "unknown") return UNKNOWN;
  // Of one model every machine has evidence or none has.
  if (typeof theirs === "string" || typeof ours === "string") return APART;
  const until = firstDifference(ours.tokens, theirs.tokens);
  if (until !== null) return compareUntil(until, ours, theirs, as);
  if (!areOfOneForm(checking, checked) || !keepsRules(checked, as)) return APART;
  const others = as.kind === "answer" ? as.begun : [];
  return {
    verdict: "measured",
    deviation: Math.max(
      measureLogprobs(ours.fingerprint, theirs.fingerprint, theirs.tokens.length),
      measureTold(toldOf(checking), toldOf(checked)),
    ),
    choice: measureChoices(choicesOf(ours, theirs, as)),
    begun: others.map(({ start, positions }) =>
      measureChoices(
        theirs.margins
          .slice(start, start + positions)
          .map((margin, i) => Math.min(margin, ours.margins[start + i] ?? 0)),
      ),
    ),
  };
}

const toldOf = ({ logprobs }: Completion): number[] => logprobs?.map(({ logprob }) => logprob) ?? [];

/** What a model cannot do it cannot do anywhere. That a server failed says nothing of another, but models with evidence have none. */
function compareErrors(a: Generation, b: Generation): GenerationDistance {
  const codes = [a, b].map((one) => (isCompletion(one) ? null : one.error.code));
  const hasEvidence = [a, b].some((one) => isCompletion(one) && one.evidence !== null);
  if (codes.includes("server_error") && !hasEvidence) return UNKNOWN;
  return codes[0] === codes[1] ? { verdict: "measured", ...NOTHING } : APART;
}

/** Null where there is none: a token that only one has is a difference. */
function firstDifference(a: readonly number[], b: readonly number[]): number | null {
  const index = a.findIndex((token, i) => token !== b[i]);
  if (index >= 0) return index;
  return a.length === b.length ? null : a.length;
}

/**
 * A check is of the tokens that stand, so other tokens are none. Two answers may part where honest machines break a tie
 * differently: their evidence tells up to there whether they computed the same, and nothing tells about the choice.
 */
function compareUntil(
  position: number,
  ours: ReadCompletion,
  theirs: ReadCompletion,
  { kind }: ComparedAs,
): GenerationDistance {
  const isCut = position >= ours.tokens.length || position >= theirs.tokens.length;
  if (kind === "answer" || isCut) return APART;
  return {
    ...UNKNOWN,
    deviation: measureLogprobs(ours.fingerprint, theirs.fingerprint, position + 1),
  };
}

const areOfOneForm = (a: Completion, b: Completion): boolean =>
  a.text === b.text && a.finish_reason === b.finish_reason && a.usage.prompt_tokens === b.usage.prompt_tokens;

/** A completion is no longer than it may be, and ends for its length only when it is as long. */
function keepsRules({ usage, finish_reason }: Completion, as: ComparedAs): boolean {
  if (as.kind !== "answer" || as.rules === null) return true;
  const { tokens_max, context_tokens } = as.rules;
  const { prompt_tokens, completion_tokens } = usage;
  const left = Math.min(tokens_max, context_tokens - prompt_tokens);
  return finish_reason === "length" ? completion_tokens === left : completion_tokens <= left;
}

/**
 * An answer's maker stands for its own choices, whether the check finds them wrong or it says so itself. For the choices
 * of others it stands only for what it says of them, and so does a check.
 */
function choicesOf(ours: ReadCompletion, theirs: ReadCompletion, as: ComparedAs): number[] {
  const isOwn = (position: number): boolean =>
    as.kind === "answer" &&
    !as.begun.some(({ start, positions }) => position >= start && position < start + positions);
  return ours.margins.map((margin, position) => {
    const told = theirs.margins[position] ?? 0;
    return isOwn(position) ? Math.max(margin, told) : Math.abs(margin - told);
  });
}
