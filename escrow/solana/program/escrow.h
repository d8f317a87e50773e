/* A client's deposit: opening it, adding to it and giving it back. */
#pragma once
#include "accounts.h"

#define ESCROW_TAG 1
#define COMMITTED 1
#define BONDED 2

typedef struct {
  u8 tag;
  u8 bump;
  u16 fee_bps;
  u8 payee_rule;
  u8 zero[3];
  u32 releases;
  u32 last_paid;
  u64 opened_slot;
  i64 deadline;
  u64 paid;
  u64 min_bond;
  Key client;
  Key aggregator;
  Key mint;
  Key id;
  Key payees;
  Key rent_payer;
  u64 allowed;
  u8 reserved[8];
} Escrow;
_Static_assert(sizeof(Escrow) == 256, "layout of an escrow");

INLINE void escrow_seeds(Slice seeds[4], const Key *client, const Key *id, const u8 *bump) {
  seeds[0] = (Slice){"escrow", 6};
  seeds[1] = (Slice){client, 32};
  seeds[2] = (Slice){id, 32};
  seeds[3] = (Slice){bump, 1};
}

/* Only this program makes accounts of its own, so an owner, a size and a tag that are right make an escrow of it. */
FUNCTION u64 check_escrow(const Account *escrow, const Account *vault) {
  NEED(is_same(escrow->owner, input->program), E_OWNER);
  NEED(escrow->len == sizeof(Escrow), E_STATE);
  NEED(escrow->data[0] == ESCROW_TAG, E_STATE);
  return check_vault(vault, escrow, &((const Escrow *)escrow->data)->mint);
}

FUNCTION u64 check_deadline(i64 deadline, i64 now) {
  NEED(deadline > now, E_LATE);
  NEED(deadline <= now + TERM_SECONDS_MAX, E_LATE);
  return OK;
}

FUNCTION u64 check_payee_rule(u8 rule, const Key *payees, u64 min_bond) {
  int has_payees = !is_same(payees, &SYSTEM);
  NEED(rule == COMMITTED || rule == BONDED, E_PAYEE);
  NEED(has_payees == (rule == COMMITTED), E_PAYEE);
  NEED((min_bond > 0) == (rule == BONDED), E_PAYEE);
  NEED(min_bond <= AMOUNT_MAX, E_AMOUNT);
  return OK;
}

FUNCTION u64 open(void) {
  NEED(input->len == 10, E_ACCOUNTS);
  NEED(input->data_len == 93, E_DATA);
  const Account *a = input->accounts;
  const Account *client = &a[0], *rent_payer = &a[1], *escrow = &a[2], *vault = &a[3], *source = &a[4];
  const Account *mint = &a[5], *aggregator = &a[6];
  const u8 *data = input->data, *bump = data + 1;
  u16 fee_bps = read_u16(data + 2);
  u8 payee_rule = data[4];
  i64 deadline = (i64)read_u64(data + 5);
  u64 min_bond = read_u64(data + 21);
  const Key *id = (const Key *)(data + 29), *payees = (const Key *)(data + 61);
  Clock clock;
  TRY(read_clock(&clock));
  NEED(fee_bps <= FEE_BPS_MAX, E_FEE);
  TRY(check_deadline(deadline, clock.unix_time));
  TRY(check_payee_rule(payee_rule, payees, min_bond));
  TRY(check_programs(&a[7], &a[8], &a[9]));
  TRY(check_mint(mint));
  Slice slices[4];
  escrow_seeds(slices, client->key, id, bump);
  Seeds seeds = {slices, 4};
  TRY(check_address(escrow, &seeds));
  TRY(create_state(rent_payer, escrow, sizeof(Escrow), &seeds));
  TRY(create_vault(rent_payer, vault, escrow, mint));
  /* Here the client's signature is insisted on, for a deposit of nothing as well. */
  TRY(pay_in(client, source, vault, mint->key, read_u64(data + 13)));
  Escrow *state = (Escrow *)escrow->data;
  state->tag = ESCROW_TAG;
  state->bump = *bump;
  state->fee_bps = fee_bps;
  state->payee_rule = payee_rule;
  state->opened_slot = clock.slot;
  state->deadline = deadline;
  state->min_bond = min_bond;
  copy_key(&state->client, client->key);
  copy_key(&state->aggregator, aggregator->key);
  copy_key(&state->mint, mint->key);
  copy_key(&state->id, id);
  copy_key(&state->payees, payees);
  copy_key(&state->rent_payer, rent_payer->key);
  return OK;
}

FUNCTION u64 top_up(void) {
  NEED(input->len == 6, E_ACCOUNTS);
  NEED(input->data_len == 17, E_DATA);
  const Account *a = input->accounts;
  const Account *funder = &a[0], *client = &a[1], *escrow = &a[2], *vault = &a[3], *source = &a[4];
  i64 deadline = (i64)read_u64(input->data + 9);
  NEED(is_same(a[5].key, &TOKEN), E_PROGRAM);
  TRY(check_escrow(escrow, vault));
  Escrow *state = (Escrow *)escrow->data;
  NEED(is_same(client->key, &state->client), E_AUTHORITY);
  TRY(pay_in(funder, source, vault, &state->mint, read_u64(input->data + 1)));
  if (deadline == 0) return OK;
  Clock clock;
  TRY(read_clock(&clock));
  NEED(client->signer, E_SIGNER);
  NEED(deadline > state->deadline, E_EARLY);
  TRY(check_deadline(deadline, clock.unix_time));
  state->deadline = deadline;
  return OK;
}

FUNCTION u64 refund(void) {
  NEED(input->len == 7, E_ACCOUNTS);
  NEED(input->data_len == 1, E_DATA);
  const Account *a = input->accounts;
  const Account *escrow = &a[0], *vault = &a[1], *client = &a[2], *client_token = &a[3], *rent_payer = &a[4];
  const Account *aggregator = &a[5];
  NEED(is_same(a[6].key, &TOKEN), E_PROGRAM);
  TRY(check_escrow(escrow, vault));
  const Escrow *state = (const Escrow *)escrow->data;
  NEED(is_same(client->key, &state->client), E_AUTHORITY);
  NEED(is_same(rent_payer->key, &state->rent_payer), E_AUTHORITY);
  NEED(is_same(aggregator->key, &state->aggregator), E_AUTHORITY);
  NEED(is_token(client_token, &state->mint), E_MINT);
  NEED(is_same(token_owner(client_token), &state->client), E_OWNER);
  Clock clock;
  TRY(read_clock(&clock));
  if (clock.unix_time <= state->deadline) {
    NEED(aggregator->signer, E_EARLY);
    /* A voucher names the slot: an escrow that is opened again at this address must have another. */
    NEED(clock.slot > state->opened_slot, E_EARLY);
  }
  Slice slices[4];
  escrow_seeds(slices, &state->client, &state->id, &state->bump);
  Seeds seeds = {slices, 4};
  Purse purse = {vault, escrow, &seeds};
  TRY(transfer(&purse, client_token, token_amount(vault)));
  return close(&purse, escrow, rent_payer);
}
