import { InfernetError } from "@infernet/schemas/errors";
import type { ExecutionClass } from "@infernet/schemas/execution-class";
import type { JobRecord } from "@infernet/schemas/job-record";
import { ExecutionProvider } from "@infernet/schemas/runner";

/** Throws `execution_class_unknown` unless a runner can have computed this job in this class. */
export function assertExecutionClass(
  execution_class: ExecutionClass,
  { engine, requirements }: Pick<JobRecord, "engine" | "requirements">,
): void {
  const [name, , provider] = execution_class.split("/");
  const wanted = requirements.execution_provider;
  const providers: readonly string[] = wanted === undefined ? ExecutionProvider.options : [wanted];
  if (name === engine && providers.includes(provider ?? "")) return;
  throw new InfernetError(
    "execution_class_unknown",
    `${execution_class} is none of this job: its engine is ${engine}, on ${providers.join(" or ")}`,
  );
}
