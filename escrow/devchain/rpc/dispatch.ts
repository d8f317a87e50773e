import { METHODS } from "../methods/method-table.ts";
import { type Answer, type Call, failure, methodNotFound, success } from "./json-rpc.ts";
import type { MethodContext } from "./method.ts";

/** Carries out one call, and answers it whatever happens. */
export async function dispatch(context: MethodContext, { id, method, params }: Call): Promise<Answer> {
  try {
    const run = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined;
    if (!run) throw methodNotFound(method);
    context.chain.advance();
    return success(id, await run(context, params));
  } catch (error) {
    return failure(id, error);
  }
}
