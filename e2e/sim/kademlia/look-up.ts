import type { Random } from "../random.ts";
import { shuffle } from "../random.ts";
import { type KadParams, LIBRARY } from "./kad-params.ts";
import { distance, type Key } from "./key-space.ts";

/** What a look-up sees of the network: nodes are numbers. */
export interface KadWorld {
  idOf: ArrayLike<Key>;
  /** Whom a node names when it is asked for a key, the nearest first. Attackers name whom they like. */
  answer: (node: number, key: Key) => readonly number[];
  isThere: (node: number) => boolean;
  /** From a question to its answer, with the dial where there is no connection yet. */
  answer_ms: (asker: number, node: number) => number;
}

export interface LookUpOptions extends KadParams {
  asker: number;
  key: Key;
  /** Ends it early, after any answer. */
  isEnough?: ((node: number, answered: number) => boolean) | undefined;
}

export interface LookUp {
  /** Who answered, in that order. */
  answered: number[];
  /** When each of them did, since the beginning. */
  answered_ms: number[];
  /** The nearest `k` of them to the key: whoever stores something stores it there. */
  nearest: number[];
  /** Questions sent, those to machines that are gone included. */
  messages: number;
  /** Who was asked and is not there any more. */
  gone: number[];
  /** Answers that led from the asker to the nearest one, that one's included. */
  hops: number;
  ms: number;
  /** Everybody named in answers. */
  heard: number[];
}

interface Question {
  node: number;
  far: number;
  hops: number;
}

/** One of the paths: `queryPath` of the library. */
interface Path {
  waiting: Question[];
  running: number;
  /** Distances of the nearest that answered on this path. */
  nearest: number[];
}

/**
 * A look-up as `query/manager.ts` and `query/query-path.ts` of the library make it. It differs from Kademlia's: the starting peers are dealt
 * out to paths at random, each path ends by itself when the `k` nearest that answered on it have nobody nearer to name,
 * and a peer is asked only when it is nearer than the one that named it.
 */
export function lookUp(world: KadWorld, options: LookUpOptions, random: Random): LookUp {
  const { asker, key, k, parallel, paths: path_count, isEnough = () => false } = options;
  const { idOf } = world;
  const far = (node: number): number => distance(idOf[node] as Key, key);
  const seen = new Set<number>([asker]);
  const start = shuffle(random, [...world.answer(asker, key)]).slice(0, k);
  const paths: Path[] = Array.from({ length: path_count }, () => ({ waiting: [], running: 0, nearest: [] }));
  for (const [n, node] of start.entries()) {
    seen.add(node);
    insert((paths[n % path_count] as Path).waiting, { node, far: far(node), hops: 1 });
  }

  const running: { question: Question; path: Path; at_ms: number }[] = [];
  const answered: Question[] = [];
  const answered_ms: number[] = [];
  const heard: number[] = [];
  let messages = 0;
  const gone: number[] = [];
  let ms = 0;

  const canEnter = ({ nearest }: Path, to: number): boolean =>
    nearest.length < k || to < (nearest.at(-1) as number);
  const ask = (path: Path): void => {
    while (path.running < parallel) {
      const question = path.waiting.shift();
      if (question === undefined) return;
      if (!canEnter(path, question.far)) continue;
      messages += 1;
      path.running += 1;
      const wait_ms = world.isThere(question.node)
        ? world.answer_ms(asker, question.node)
        : LIBRARY.timeout_ms;
      running.push({ question, path, at_ms: ms + wait_ms });
    }
  };
  for (const path of paths) ask(path);

  while (running.length > 0) {
    let next = 0;
    for (let n = 1; n < running.length; n += 1)
      if ((running[n]?.at_ms ?? 0) < (running[next]?.at_ms ?? 0)) next = n;
    const [done] = running.splice(next, 1);
    if (done === undefined) break;
    const { question, path } = done;
    ms = done.at_ms;
    path.running -= 1;
    if (world.isThere(question.node)) {
      answered.push(question);
      answered_ms.push(ms);
      insertNumber(path.nearest, question.far, k);
      for (const named of world.answer(question.node, key)) {
        heard.push(named);
        const to = far(named);
        if (seen.has(named) || to >= question.far || !canEnter(path, to)) continue;
        seen.add(named);
        insert(path.waiting, { node: named, far: to, hops: question.hops + 1 });
      }
      if (isEnough(question.node, answered.length)) break;
    } else gone.push(question.node);
    ask(path);
  }

  const nearest = [...answered].sort((a, b) => a.far - b.far).slice(0, k);
  return {
    answered: answered.map(({ node }) => node),
    answered_ms,
    nearest: nearest.map(({ node }) => node),
    messages,
    gone,
    hops: nearest[0]?.hops ?? 0,
    ms,
    heard,
  };
}

function insert(list: Question[], question: Question): void {
  let at = list.length;
  while (at > 0 && (list[at - 1]?.far ?? 0) > question.far) at -= 1;
  list.splice(at, 0, question);
}

function insertNumber(list: number[], value: number, count: number): void {
  let at = list.length;
  while (at > 0 && (list[at - 1] ?? 0) > value) at -= 1;
  list.splice(at, 0, value);
  if (list.length > count) list.pop();
}
