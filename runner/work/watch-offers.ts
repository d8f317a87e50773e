import { type AnyEngine, isGenerationEngine } from "../engine/engine.ts";

/**
 * Calls `onChanged` when what any of the engines offers has become another, one call after the other, until the function that
 * it returns is called.
 */
export function watchOffers(engines: readonly AnyEngine[], onChanged: () => Promise<void>): () => void {
  let last: Promise<void> = Promise.resolve();
  const listener = (): void => {
    last = last.then(onChanged).catch(() => undefined);
  };
  const ends = engines.flatMap((engine) =>
    isGenerationEngine(engine) ? (engine.onOffersChanged?.(listener) ?? []) : [],
  );
  return () => {
    for (const end of ends) end();
  };
}
