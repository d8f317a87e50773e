import { z } from "zod";
import { LIMITS } from "./limits.ts";

/** Query of a list in OpenAI's API: `after` is the id of the last item of the page before. */
export const OpenaiPageQuery = z.strictObject({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(LIMITS.list_page_items_max)
    .default(LIMITS.list_page_items_default),
  after: z.string().max(64).optional(),
});
export type OpenaiPageQuery = z.infer<typeof OpenaiPageQuery>;

export const openaiPageOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({
    object: z.literal("list"),
    data: z.array(item),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
    has_more: z.boolean(),
  });

export interface OpenaiPage<Item> {
  object: "list";
  data: Item[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
}

/** A page of items of which one more than `limit` was read, where there are as many. */
export function cutOpenaiPage<Item extends { id: string }>(
  items: readonly Item[],
  limit: number,
): OpenaiPage<Item> {
  const data = items.slice(0, limit);
  return {
    object: "list",
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: items.length > limit,
  };
}
