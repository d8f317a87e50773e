/** One change to the program that its tests must notice. */
export interface Mutant {
  /** Names it without a line number, so that it keeps its name when others move: file, function, change. */
  id: string;
  file: string;
  function: string;
  /** The whole file with the change made. */
  text: string;
}

/** What stands at `[start, end)` of a file is replaced by `by`. */
interface Edit {
  start: number;
  end: number;
  by: string;
  what: string;
}

/** The opposites of operators, at their boundaries: `<` becomes `<=`, so that a test must stand at both sides. */
const FLIPS = new Map([
  ["==", "!="],
  ["!=", "=="],
  ["<=", "<"],
  [">=", ">"],
  ["<", "<="],
  [">", ">="],
  ["&&", "||"],
  ["||", "&&"],
]);

/**
 * Every guard of a C file taken away, and every operator of a condition turned: `NEED`, `TRY`, `if`, and what a function
 * returns of comparisons. Macros are left alone.
 */
export function findMutants(file: string, text: string): Mutant[] {
  const edits = [...findCalls(text, "NEED"), ...findCalls(text, "TRY")].map(removal);
  for (const condition of [
    ...findCalls(text, "NEED"),
    ...findCalls(text, "if"),
    ...findReturns(text),
    ...findChoices(text),
  ]) {
    edits.push(...flips(text, condition));
  }
  const seen = new Map<string, number>();
  return edits.map((edit) => {
    const name = functionAt(text, edit.start);
    const base = `${file} ${name}: ${edit.what}`;
    const count = (seen.get(base) ?? 0) + 1;
    seen.set(base, count);
    return {
      id: count === 1 ? base : `${base} (${count})`,
      file,
      function: name,
      text: text.slice(0, edit.start) + edit.by + text.slice(edit.end),
    };
  });
}

interface Span {
  start: number;
  end: number;
  text: string;
}

const removal = ({ start, end, text }: Span): Edit => ({ start, end, by: "", what: `without ${text}` });

/** Uses of a macro or an `if`, with all between their brackets. */
function findCalls(text: string, name: string): Span[] {
  return [...text.matchAll(new RegExp(`\\b${name} ?\\(`, "g"))].flatMap(({ index }) => {
    if (lineAt(text, index).trimStart().startsWith("#define") || isInMacro(text, index)) return [];
    const end = closing(text, text.indexOf("(", index)) + 1;
    return [{ start: index, end, text: flat(text.slice(index, end)) }];
  });
}

/** A macro of several lines ends each but the last with a backslash. */
const isInMacro = (text: string, at: number): boolean => lineAt(text, at).endsWith("\\");

function lineAt(text: string, at: number): string {
  const end = text.indexOf("\n", at);
  return text.slice(text.lastIndexOf("\n", at) + 1, end < 0 ? text.length : end);
}

function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === "(") depth += 1;
    if (text[at] === ")") depth -= 1;
    if (depth === 0) return at;
  }
  throw new RangeError("a bracket does not close");
}

/** Functions that return a condition. */
function findReturns(text: string): Span[] {
  return [...text.matchAll(/\breturn [^;]*(?:==|&&)[^;]*;/g)].flatMap(({ index, 0: found }) =>
    isInMacro(text, index) ? [] : [{ start: index, end: index + found.length, text: flat(found) }],
  );
}

/** Conditions that are kept in a variable, or choose between two values. */
function findChoices(text: string): Span[] {
  return [...text.matchAll(/^ *(?:int|u64|[\w>-]+) [\w>-]*(?: =|\+=) [^;]*(?:==|!is_|\?)[^;]*;/gm)].map(
    ({ index, 0: found }) => ({ start: index, end: index + found.length, text: flat(found) }),
  );
}

const flat = (text: string): string => text.replace(/\s+/g, " ");

/** Each operator of a span turned, and each `is_` denied or believed. */
function flips(text: string, { start, end, text: whole }: Span): Edit[] {
  const part = text.slice(start, end);
  return [...part.matchAll(/ (==|!=|<=|>=|<|>|&&|\|\|) |(!?)\bis_\w+\(/g)].map(
    ({ index, 0: found, 1: operator }) => {
      const at = start + index;
      if (operator !== undefined) {
        const by = FLIPS.get(operator) as string;
        return {
          start: at + 1,
          end: at + 1 + operator.length,
          by,
          what: `${by} for ${operator} in ${whole}`,
        };
      }
      const by = found.startsWith("!") ? found.slice(1) : `!${found}`;
      return { start: at, end: at + found.length, by, what: `${by}..) for ${found}..) in ${whole}` };
    },
  );
}

/** The name of the function that a place lies in. */
function functionAt(text: string, at: number): string {
  const heads = [...text.slice(0, at).matchAll(/^(?:FUNCTION|INLINE|u64) .*?(\w+)\(/gm)];
  return heads.at(-1)?.[1] ?? "";
}
