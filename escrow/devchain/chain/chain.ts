import type { Address, MaybeEncodedAccount } from "@solana/kit";
import type { LiteSVM } from "litesvm";
import type { Faults } from "../faults/faults.ts";
import { AccountHistory } from "./account-history.ts";
import { balancesOf } from "./balances.ts";
import { BlockhashWindow } from "./blockhash-window.ts";
import type { ChainClock } from "./chain-clock.ts";
import { COMMITMENTS, type Commitment, type CommitmentLags, commitmentAfter, lagOf } from "./commitment.ts";
import { execute } from "./execute.ts";
import { Ledger } from "./ledger.ts";
import type { TransactionRecord } from "./transaction-record.ts";
import type { WireTransaction } from "./wire-transaction.ts";

export interface ChainOptions {
  svm: LiteSVM;
  clock: ChainClock;
  lags: CommitmentLags;
  blockhash_slots: number;
  faults: Faults;
}

type ReachedListener = (record: TransactionRecord, commitment: Commitment) => void;
type SlotListener = (slot: number) => void;

/**
 * One chain without forks: transactions are executed as they come, by LiteSVM, and settle as slots pass. Whoever uses it
 * calls `advance` first; within a slot nothing moves by itself.
 */
export class Chain {
  readonly svm: LiteSVM;
  readonly clock: ChainClock;
  readonly lags: CommitmentLags;
  readonly ledger = new Ledger();
  readonly blockhashes: BlockhashWindow;
  readonly accounts: AccountHistory;
  readonly #faults: Faults;
  readonly #reachedListeners: ReachedListener[] = [];
  readonly #slotListeners: SlotListener[] = [];
  #slot = -1;
  #waiting: { wire: WireTransaction; due_slot: number }[] = [];
  #settling: { record: TransactionRecord; reached: number }[] = [];

  constructor({ svm, clock, lags, blockhash_slots, faults }: ChainOptions) {
    this.svm = svm;
    this.clock = clock;
    this.lags = lags;
    this.blockhashes = new BlockhashWindow(blockhash_slots);
    this.#faults = faults;
    this.accounts = new AccountHistory((address) => this.#currentAccount(address));
    this.advance();
  }

  get slot(): number {
    return this.#slot;
  }

  /** The newest slot that has reached the commitment. */
  slotAt(commitment: Commitment): number {
    return this.#slot - lagOf(commitment, this.lags);
  }

  commitmentOf(record: TransactionRecord): Commitment {
    return commitmentAfter(this.#slot - record.slot, this.lags);
  }

  hasReached(record: TransactionRecord, commitment: Commitment): boolean {
    return record.slot <= this.slotAt(commitment);
  }

  isBlockhashValid(hash: string): boolean {
    return !this.#faults.plan.expire_blockhashes && this.blockhashes.isValid(hash, this.#slot);
  }

  onReached(listener: ReachedListener): void {
    this.#reachedListeners.push(listener);
  }

  onSlot(listener: SlotListener): void {
    this.#slotListeners.push(listener);
  }

  /** Catches up with the clock: executes what is due, and settles what is old enough. */
  advance(): void {
    const slot = this.clock.slot();
    if (slot <= this.#slot) return;
    this.#slot = slot;
    this.#setClockSysvar();
    const due = this.#waiting.filter(({ due_slot }) => due_slot <= slot);
    this.#waiting = this.#waiting.filter(({ due_slot }) => due_slot > slot);
    for (const { wire } of due) this.#land(wire);
    this.#settle();
    for (const listener of this.#slotListeners) listener(slot);
  }

  /**
   * Takes a transaction as a leader does: it is executed now, or `delay_slots` later, or, when by then its blockhash is too
   * old or it is on the chain already, not at all and without a word.
   */
  submit(wire: WireTransaction, delay_slots: number): void {
    if (delay_slots === 0) this.#land(wire);
    else this.#waiting.push({ wire, due_slot: this.#slot + delay_slots });
  }

  /**
   * Executes a transaction now, whatever its blockhash.
   *
   * @returns null when it cannot even pay its fee, or is signed wrongly
   */
  execute(wire: WireTransaction): TransactionRecord | null {
    this.accounts.remember(wire.writable, this.#slot);
    const before = balancesOf(wire.keys, (address) => this.#currentAccount(address));
    const { lands, error, meta } = execute(this.svm, wire);
    if (!lands) return null;
    const after = balancesOf(wire.keys, (address) => this.#currentAccount(address));
    const record = { wire, slot: this.#slot, time_s: this.clock.unix_s(), error, meta, before, after };
    this.ledger.add(record);
    this.#settling.push({ record, reached: 0 });
    this.#settle();
    return record;
  }

  #land(wire: WireTransaction): void {
    if (!wire.isSigned || !this.isBlockhashValid(wire.blockhash) || this.ledger.get(wire.signature)) return;
    this.execute(wire);
  }

  #settle(): void {
    for (const entry of this.#settling) {
      const reached = COMMITMENTS.indexOf(this.commitmentOf(entry.record)) + 1;
      for (const commitment of COMMITMENTS.slice(entry.reached, reached)) {
        for (const listener of this.#reachedListeners) listener(entry.record, commitment);
      }
      entry.reached = reached;
    }
    this.#settling = this.#settling.filter(({ reached }) => reached < COMMITMENTS.length);
  }

  /** LiteSVM may keep an emptied account; for a validator it is gone. */
  #currentAccount(address: Address): MaybeEncodedAccount {
    const account = this.svm.getAccount(address);
    return account.exists && account.lamports === 0n ? { exists: false, address } : account;
  }

  #setClockSysvar(): void {
    const sysvar = this.svm.getClock();
    sysvar.slot = BigInt(this.#slot);
    sysvar.unixTimestamp = BigInt(this.clock.unix_s());
    this.svm.setClock(sysvar);
  }
}
