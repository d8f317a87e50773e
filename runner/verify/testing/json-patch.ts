/** One operation of a JSON Patch (RFC 6902). */
export interface PatchOperation {
  op: "add" | "replace" | "remove";
  /** JSON Pointer (RFC 6901). */
  path: string;
  value?: unknown;
}

type Container = Record<string, unknown>;

/**
 * What has to be done to `before` to get `after`. An array whose length changes is replaced whole, and so are the members
 * of the document that are named in `whole`.
 */
export function diffJson(
  before: unknown,
  after: unknown,
  whole: readonly string[] = [],
  path = "",
): PatchOperation[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (whole.includes(path.slice(1))) return [{ op: "replace", path, value: after }];
  if (!isContainer(before) || !isContainer(after) || !isAlike(before, after))
    return [{ op: "replace", path, value: after }];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name): PatchOperation[] => {
    const at = `${path}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    if (!(name in after)) return [{ op: "remove", path: at }];
    if (!(name in before)) return [{ op: "add", path: at, value: after[name] }];
    return diffJson(before[name], after[name], whole, at);
  });
}

/** The document with the operations done to it; it stays as it was. */
export function patchJson(document: unknown, patch: readonly PatchOperation[]): unknown {
  const root: Container = { document: structuredClone(document) };
  for (const { op, path, value } of patch) {
    const names = path
      .split("/")
      .slice(1)
      .map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
    const last = names.pop() ?? "document";
    const holder = path === "" ? root : names.reduce<unknown>(step, root.document);
    if (!isContainer(holder)) throw new Error(`nothing stands at ${path}`);
    if (op === "remove") delete holder[last];
    else holder[last] = value;
  }
  return root.document;
}

const step = (value: unknown, name: string): unknown => (isContainer(value) ? value[name] : undefined);

const isContainer = (value: unknown): value is Container => typeof value === "object" && value !== null;

const isAlike = (a: Container, b: Container): boolean =>
  Array.isArray(a) === Array.isArray(b) && (!Array.isArray(a) || a.length === b.length);
