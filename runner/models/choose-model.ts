import type { Sha256 } from "@infernet/schemas/digest";
import { RunnerError } from "../runner-error.ts";
import type { KnownModel } from "./known-models.ts";

const PREFIX_CHARS_MIN = 6;

/** The known model of this name, digest, or start of a digest. Throws `model_absent` where there is none, or several. */
export function chooseModel(known: readonly KnownModel[], ref: string): KnownModel {
  const isMeant = ({ digest, names }: KnownModel): boolean =>
    names.some((name) => name === ref) || (ref.length >= PREFIX_CHARS_MIN && digest.startsWith(ref));
  const meant = known.filter(isMeant);
  const [only] = meant;
  if (only !== undefined && meant.length === 1) return only;
  const why = meant.length === 0 ? "no model here is called" : `${meant.length} models here are called`;
  throw new RunnerError("model_absent", `${why} '${ref}'`);
}

/** Files that are this model's alone: others may have some in common with it. */
export function filesOfItsOwn(model: KnownModel, known: readonly KnownModel[]): Sha256[] {
  const others = new Set(
    known
      .filter(({ digest }) => digest !== model.digest)
      .flatMap(({ manifest }) => manifest.files.map(({ sha256 }) => sha256)),
  );
  return model.manifest.files.map(({ sha256 }) => sha256).filter((sha256) => !others.has(sha256));
}
