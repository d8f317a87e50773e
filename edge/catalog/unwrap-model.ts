import { Model } from "@infernet/schemas/model";
import { type Answer, unwrap } from "../rpc.ts";

/** The model that the catalog's object answers with; parsed, because the types of RPC know no tuples. */
export const unwrapModel = (answered: Answer<unknown>): Model => Model.parse(unwrap(answered));
