import { z } from "zod";
import { LIMITS } from "./limits.ts";

/** Query of every list: an opaque cursor from the page before. */
export const PageQuery = z.strictObject({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(LIMITS.list_page_items_max)
    .default(LIMITS.list_page_items_default),
  cursor: z.string().max(512).optional(),
});
export type PageQuery = z.infer<typeof PageQuery>;

export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({ data: z.array(item), next_cursor: z.string().nullable() });

export interface Page<Item> {
  data: Item[];
  next_cursor: string | null;
}
