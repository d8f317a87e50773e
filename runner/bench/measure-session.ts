import type { Session } from "../engine/engine.ts";

/**
 * The same session, with every run told of but the first, which pays for what comes only once: compiling, and pages that
 * nobody has touched.
 */
export function measureSession(session: Session, note: (rows: number, compute_ms: number) => void): Session {
  let isWarm = false;
  return {
    execution_class: session.execution_class,
    run: async (inputs, rows, options) => {
      const result = await session.run(inputs, rows, options);
      if (isWarm) note(rows, result.compute_ms);
      isWarm = true;
      return result;
    },
    close: () => session.close(),
  };
}
