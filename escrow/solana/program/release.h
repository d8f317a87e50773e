/* Paying providers out of an escrow, and the aggregator its fee. */
#pragma once
#include "bond.h"
#include "escrow.h"

#define ACCOUNTS_BEFORE_PAYEES 7
#define DATA_BEFORE_PAYEES 14

/* Remembers the limit of the client's signature over a 16-byte prefix, the escrow, its slot and that limit. */
FUNCTION u64 take_voucher(const Account *sysvar, const Account *escrow) {
  Escrow *state = (Escrow *)escrow->data;
  const u8 *message;
  NEED(read_signed(sysvar, &state->client, 1, 64, &message) == OK, E_VOUCHER);
  NEED(is_equal(message, "infernet/vouch\0", 2), E_VOUCHER);
  NEED(is_same((const Key *)(message + 16), escrow->key), E_VOUCHER);
  NEED(read_u64(message + 48) == state->opened_slot, E_VOUCHER);
  state->allowed = read_u64(message + 56);
  return OK;
}

/* @param proof u32 index and `depth` hashes beside the way from the leaf to the root */
FUNCTION u64 check_committed(const Key *owner, const Key *root, const u8 *proof, u64 depth) {
  u8 leaf_prefix = 0, node_prefix = 1;
  u64 index = read_u32(proof);
  Key node, above;
  Slice leaf[2] = {{&leaf_prefix, 1}, {owner, 32}};
  NEED(sol_sha256(leaf, 2, &node) == 0, E_CALL);
  for (u64 i = 0; i < depth; i++) {
    const u8 *beside = proof + 4 + 32 * i;
    Slice parts[3] = {{&node_prefix, 1}, {&node, 32}, {beside, 32}};
    if (index & 1) {
      parts[1].at = beside;
      parts[2].at = &node;
    }
    NEED(sol_sha256(parts, 3, &above) == 0, E_CALL);
    copy_key(&node, &above);
    index >>= 1;
  }
  NEED(index == 0, E_PAYEE);
  NEED(is_same(&node, root), E_PAYEE);
  return OK;
}

FUNCTION u64 check_bonded(const Key *owner, const Account *bond, const Escrow *escrow, i64 now) {
  TRY(check_bond(bond));
  const Bond *state = (const Bond *)bond->data;
  NEED(is_same(&state->mint, &escrow->mint), E_PAYEE);
  NEED(state->amount >= escrow->min_bond, E_PAYEE);
  NEED(state->unlock == 0 || now <= state->unlock, E_PAYEE);
  NEED(is_same(&state->payout, owner), E_PAYEE);
  return OK;
}

/* Beside this much for the payees the fee is at most `fee_bps` of all that is paid out. */
INLINE u64 fee_max(u64 shares, u64 fee_bps) { return shares * fee_bps / (10000 - fee_bps); }

/* What a release asks for, and what became of it so far. */
typedef struct {
  const u8 *data; /* of the payees */
  const Account *accounts;
  u64 count;
  u64 depth;
  i64 now;
  u64 asked;
  u64 paid;
  u32 who; /* bit i is set when payee i was paid */
} Shares;

/* Pays each payee its share. One that cannot be paid is passed over, so that it does not keep the others from theirs. */
FUNCTION u64 pay_shares(const Purse *purse, Shares *shares) {
  const Escrow *state = (const Escrow *)purse->owner->data;
  int is_bonded = state->payee_rule == BONDED;
  const u8 *share = shares->data;
  const Account *payee = shares->accounts;
  for (u64 i = 0; i < shares->count; i++) {
    u64 amount = read_u64(share);
    NEED(amount > 0, E_AMOUNT);
    NEED(amount <= AMOUNT_MAX - shares->asked, E_AMOUNT);
    NEED(!is_same(payee->key, purse->vault->key), E_PAYEE);
    shares->asked += amount;
    if (is_token(payee, &state->mint)) {
      if (is_bonded) TRY(check_bonded(token_owner(payee), payee + 1, state, shares->now));
      else TRY(check_committed(token_owner(payee), &state->payees, share + 8, shares->depth));
      TRY(transfer(purse, payee, amount));
      shares->paid += amount;
      shares->who |= 1u << i;
    }
    share += is_bonded ? 8 : 12 + 32 * shares->depth;
    payee += is_bonded ? 2 : 1;
  }
  return OK;
}

FUNCTION u64 pay_fee(const Purse *purse, const Account *fee_token, u64 fee) {
  const Escrow *state = (const Escrow *)purse->owner->data;
  if (fee == 0) return OK;
  NEED(is_token(fee_token, &state->mint), E_MINT);
  NEED(is_same(token_owner(fee_token), &state->aggregator), E_OWNER);
  return transfer(purse, fee_token, fee);
}

/* Finds the payees behind the fixed accounts and data, as many as the lengths of both agree on. */
FUNCTION u64 find_shares(const Escrow *state, Shares *shares) {
  u64 more = input->len - ACCOUNTS_BEFORE_PAYEES;
  u64 depth = input->data[13];
  int is_bonded = state->payee_rule == BONDED;
  u64 count = is_bonded ? more / 2 : more;
  NEED(depth <= (is_bonded ? 0 : DEPTH_MAX), E_DATA);
  NEED(more == (is_bonded ? 2 * count : count), E_ACCOUNTS);
  NEED(count >= 1, E_ACCOUNTS);
  NEED(count <= PAYEES_MAX, E_ACCOUNTS);
  NEED(input->data_len == DATA_BEFORE_PAYEES + count * (is_bonded ? 8 : 12 + 32 * depth), E_DATA);
  shares->data = input->data + DATA_BEFORE_PAYEES;
  shares->accounts = input->accounts + ACCOUNTS_BEFORE_PAYEES;
  shares->count = count;
  shares->depth = depth;
  return OK;
}

FUNCTION u64 release(void) {
  NEED(input->len >= ACCOUNTS_BEFORE_PAYEES, E_ACCOUNTS);
  NEED(input->data_len >= DATA_BEFORE_PAYEES, E_DATA);
  const Account *a = input->accounts;
  const Account *authority = &a[0], *escrow = &a[1], *vault = &a[2], *fee_token = &a[3], *mint = &a[4];
  NEED(is_same(a[5].key, &TOKEN), E_PROGRAM);
  TRY(check_sysvar(&a[6]));
  TRY(check_escrow(escrow, vault));
  Escrow *state = (Escrow *)escrow->data;
  NEED(is_same(mint->key, &state->mint), E_MINT);
  Shares shares = {0, 0, 0, 0, 0, 0, 0, 0};
  TRY(find_shares(state, &shares));
  Clock clock;
  TRY(read_clock(&clock));
  shares.now = clock.unix_time;
  NEED(clock.unix_time <= state->deadline, E_LATE);
  NEED(read_u32(input->data + 1) == state->releases, E_SEQUENCE);
  NEED(authority->signer, E_SIGNER);
  int is_client = is_same(authority->key, &state->client);
  NEED(is_client || is_same(authority->key, &state->aggregator), E_AUTHORITY);
  Slice slices[4];
  escrow_seeds(slices, &state->client, &state->id, &state->bump);
  Seeds seeds = {slices, 4};
  Purse purse = {vault, escrow, &seeds};
  TRY(pay_shares(&purse, &shares));
  u64 fee = read_u64(input->data + 5), most = fee_max(shares.paid, state->fee_bps);
  NEED(fee <= fee_max(shares.asked, state->fee_bps), E_FEE);
  if (fee > most) fee = most;
  TRY(pay_fee(&purse, fee_token, fee));
  u64 paid = state->paid + shares.paid + fee;
  NEED(paid <= AMOUNT_MAX, E_AMOUNT);
  /* A limit that holds is at least `paid`, which is above what was allowed: that only ever grows. */
  if (!is_client && paid > state->allowed) {
    TRY(take_voucher(&a[6], escrow));
    NEED(paid <= state->allowed, E_VOUCHER);
  }
  state->paid = paid;
  state->last_paid = shares.who;
  state->releases += 1;
  return OK;
}
