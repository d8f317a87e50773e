import type { LikelyToken, Reading } from "@infernet/protocol/llm/sampling/read-logits";
import type { TokenLogprob } from "@infernet/schemas/llm/generation";
import type { ModelText } from "./text/open-text.ts";

/** What OpenAI's API says of a token that is all but impossible. */
const LOGPROB_MIN = -9999;

/** What a client is told of the token at one position, and of the `count` likeliest there. */
export function tellLogprobs(
  logits: Float32Array,
  { log_sum }: Pick<Reading, "log_sum">,
  { token, count, text }: { token: number; count: number; text: Pick<ModelText, "tokenText"> },
): TokenLogprob {
  const tell = (id: number) => ({
    ...text.tokenText(id),
    logprob: Math.max(LOGPROB_MIN, (logits[id] ?? 0) - log_sum),
  });
  return { ...tell(token), top_logprobs: listLikeliest(logits, count).map(tell) };
}

/** The likeliest first; of equal ones the lowest id. */
function listLikeliest(logits: Float32Array, count: number): LikelyToken["token"][] {
  const likeliest: number[] = [];
  if (count === 0) return likeliest;
  for (let token = 0; token < logits.length; token++) {
    const logit = logits[token] ?? 0;
    if (likeliest.length === count && logit <= (logits[likeliest[count - 1] ?? 0] ?? 0)) continue;
    let place = likeliest.length;
    while (place > 0 && logit > (logits[likeliest[place - 1] ?? 0] ?? 0)) place -= 1;
    likeliest.splice(place, 0, token);
    if (likeliest.length > count) likeliest.pop();
  }
  return likeliest;
}
