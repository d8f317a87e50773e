import type { Commitment } from "../chain/commitment.ts";
import type { TransactionRecord } from "../chain/transaction-record.ts";
import {
  type Call,
  failure,
  isCall,
  methodNotFound,
  readCalls,
  success,
  writeJson,
} from "../rpc/json-rpc.ts";
import type { MethodContext } from "../rpc/method.ts";
import { parseInteger } from "../rpc/params.ts";
import { RpcError } from "../rpc/rpc-error.ts";
import type { Trace } from "../rpc/trace.ts";
import { watchAccount } from "./watch-account.ts";
import { watchLogs } from "./watch-logs.ts";
import { watchSignature } from "./watch-signature.ts";
import { watchSlot } from "./watch-slot.ts";
import type { CreateWatcher, Watcher } from "./watcher.ts";

const KINDS = new Map<string, CreateWatcher>([
  ["account", watchAccount],
  ["logs", watchLogs],
  ["signature", watchSignature],
  ["slot", watchSlot],
]);
const SUBSCRIPTIONS_MAX = 10_000;
const METHOD = /^(?<kind>[a-z]+)(?<verb>Subscribe|Unsubscribe)$/;

/** One WebSocket: the subscriptions of one client. */
export class SocketSession {
  readonly #context: MethodContext;
  readonly #trace: Trace;
  readonly #send: (text: string) => void;
  readonly #watchers = new Map<number, Watcher>();
  #lastId = 0;

  constructor(context: MethodContext, trace: Trace, send: (text: string) => void) {
    this.#context = context;
    this.#trace = trace;
    this.#send = send;
  }

  receive(text: string): void {
    try {
      for (const call of readCalls(text).calls) {
        if (isCall(call)) this.#answer(call);
        else this.#send(writeJson(call));
      }
    } catch (error) {
      this.#send(writeJson(failure(null, error)));
    }
  }

  reached(record: TransactionRecord, commitment: Commitment): void {
    for (const watcher of [...this.#watchers.values()]) watcher.reached?.(record, commitment);
  }

  slot(slot: number): void {
    for (const watcher of this.#watchers.values()) watcher.slot?.(slot);
  }

  #answer(call: Call): void {
    // Without an id it is a notification, such as the pings of web3.js, and nobody waits for an answer.
    if (call.id === null) return;
    let started: Watcher | null = null;
    try {
      this.#context.chain.advance();
      const { kind = "", verb } = METHOD.exec(call.method)?.groups ?? {};
      const create = KINDS.get(kind);
      if (!create) throw methodNotFound(call.method);
      if (verb === "Subscribe") {
        const { id, watcher } = this.#subscribe(kind, create, call.params);
        this.#send(writeJson(success(call.id, id)));
        started = watcher;
      } else {
        this.#unsubscribe(parseInteger(call.params[0], "the subscription"));
        this.#send(writeJson(success(call.id, true)));
      }
      this.#trace({ transport: "websocket", method: call.method, error: null });
    } catch (error) {
      const answer = failure(call.id, error);
      this.#send(writeJson(answer));
      this.#trace({
        transport: "websocket",
        method: call.method,
        error: "error" in answer ? answer.error.code : null,
      });
    }
    started?.start?.();
  }

  #subscribe(
    kind: string,
    create: CreateWatcher,
    params: readonly unknown[],
  ): { id: number; watcher: Watcher } {
    if (this.#watchers.size >= SUBSCRIPTIONS_MAX) {
      throw new RpcError("invalid_request", `One connection has at most ${SUBSCRIPTIONS_MAX} subscriptions`);
    }
    this.#lastId += 1;
    const id = this.#lastId;
    const watcher = create(this.#context, params, {
      notify: (result) => this.#notify(kind, id, result),
      end: () => this.#watchers.delete(id),
    });
    this.#watchers.set(id, watcher);
    return { id, watcher };
  }

  #unsubscribe(id: number): void {
    if (!this.#watchers.delete(id)) throw new RpcError("invalid_params", "Invalid subscription id.");
  }

  #notify(kind: string, subscription: number, result: unknown): void {
    if (this.#context.faults.plan.mute_notifications) return;
    const params = { result, subscription };
    this.#send(writeJson({ jsonrpc: "2.0", method: `${kind}Notification`, params }));
  }
}
