import { InfernetError } from "@infernet/schemas/errors";
import type { StreamStart } from "./stream-records.ts";

/** Where a reader of a job's events is: the last event's number, and of a streamed job the positions of each shard. */
export type EventPlace = StreamStart & { after: number };

const PATTERN = /^([0-9]{1,9})(?:\.([0-9]{1,7}(?:-[0-9]{1,7})*))?$/;

/** Reads `Last-Event-ID`. Throws `header_invalid`. */
export function parseEventId(header: string | undefined): EventPlace {
  if (header === undefined || header === "") return { after: -1, positions: [] };
  const [whole, after, positions] = PATTERN.exec(header) ?? [];
  if (whole === undefined)
    throw new InfernetError(
      "header_invalid",
      `Last-Event-ID is ${JSON.stringify(header)}; event ids here are numbers, with positions behind a dot for streamed jobs`,
    );
  return { after: Number(after), positions: positions === undefined ? [] : positions.split("-").map(Number) };
}

/** The id of an event after which a reader is at this place of a streamed job. */
export const renderEventId = ({ after, positions }: EventPlace): string => `${after}.${positions.join("-")}`;
