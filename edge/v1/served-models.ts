import { LIMITS } from "@infernet/schemas/limits";
import { generatesText, Model } from "@infernet/schemas/model";
import { PageQuery } from "@infernet/schemas/page";
import { openCatalog } from "../catalog/open-catalog.ts";
import { unwrap } from "../rpc.ts";

/** Whether OpenAI's API has a route for what a model does. */
const isServed = ({ manifest }: Model): boolean =>
  generatesText(manifest) || manifest.engine === "embeddings";

/** Models that OpenAI's API can use, newest first. */
export async function listServedModels(env: Env): Promise<Model[]> {
  const catalog = openCatalog(env);
  const served: Model[] = [];
  let cursor: string | undefined;
  for (let seen = 0; seen < LIMITS.name_suggestions_max; seen += LIMITS.list_page_items_max) {
    const query = PageQuery.parse({ limit: LIMITS.list_page_items_max, ...(cursor ? { cursor } : {}) });
    const page = unwrap(await catalog.list(query));
    served.push(...page.data.map((model) => Model.parse(model)).filter(isServed));
    if (page.next_cursor === null) break;
    cursor = page.next_cursor;
  }
  return served;
}
