import { parseInstant, renderInstant } from "@infernet/schemas/instant";

/** A point in time to the second, in UTC, as in `2026-01-02 15:04:05`. */
export const renderSecond = (instant: string): string =>
  renderInstant(parseInstant(instant)).slice(0, 19).replace("T", " ");
