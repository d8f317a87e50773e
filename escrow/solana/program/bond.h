/* A provider's stake. */
#pragma once
#include "accounts.h"
#include "evidence.h"

#define BOND_TAG 2

typedef struct {
  u8 tag;
  u8 bump;
  u8 zero[6];
  u64 amount;
  i64 unlock; /* 0 while it is not leaving */
  Key provider;
  Key mint;
  Key payout;
  Key rent_payer;
  u8 reserved[8];
} Bond;
_Static_assert(sizeof(Bond) == 160, "layout of a bond");

INLINE void bond_seeds(Slice seeds[4], const Key *provider, const Key *mint, const u8 *bump) {
  seeds[0] = (Slice){"bond", 4};
  seeds[1] = (Slice){provider, 32};
  seeds[2] = (Slice){mint, 32};
  seeds[3] = (Slice){bump, 1};
}

FUNCTION u64 check_bond(const Account *bond) {
  NEED(is_same(bond->owner, input->program), E_OWNER);
  NEED(bond->len == sizeof(Bond), E_STATE);
  NEED(bond->data[0] == BOND_TAG, E_STATE);
  return OK;
}

/* The first deposit makes the bond, and any takes back a request to leave. */
FUNCTION u64 bond_deposit(void) {
  NEED(input->len == 10, E_ACCOUNTS);
  NEED(input->data_len == 42, E_DATA);
  const Account *a = input->accounts;
  const Account *provider = &a[0], *rent_payer = &a[1], *bond = &a[2], *vault = &a[3], *source = &a[4];
  const Account *source_owner = &a[5], *mint = &a[6];
  const u8 *bump = input->data + 1;
  u64 amount = read_u64(input->data + 2);
  NEED(provider->signer, E_SIGNER);
  NEED(amount > 0, E_AMOUNT);
  TRY(check_programs(&a[7], &a[8], &a[9]));
  TRY(check_mint(mint));
  Slice slices[4];
  bond_seeds(slices, provider->key, mint->key, bump);
  Seeds seeds = {slices, 4};
  TRY(check_address(bond, &seeds));
  Bond *state = (Bond *)bond->data;
  if (is_same(bond->owner, &SYSTEM)) {
    TRY(create_state(rent_payer, bond, sizeof(Bond), &seeds));
    state->tag = BOND_TAG;
    state->bump = *bump;
    copy_key(&state->provider, provider->key);
    copy_key(&state->mint, mint->key);
    copy_key(&state->rent_payer, rent_payer->key);
  }
  TRY(create_vault(rent_payer, vault, bond, mint));
  TRY(pay_in(source_owner, source, vault, mint->key, amount));
  NEED(amount <= AMOUNT_MAX - state->amount, E_AMOUNT);
  state->amount += amount;
  state->unlock = 0;
  copy_key(&state->payout, input->data + 10);
  return OK;
}

/* A second request leaves the time of the first as it is. */
FUNCTION u64 bond_exit_request(void) {
  NEED(input->len == 2, E_ACCOUNTS);
  NEED(input->data_len == 1, E_DATA);
  const Account *provider = &input->accounts[0], *bond = &input->accounts[1];
  TRY(check_bond(bond));
  Bond *state = (Bond *)bond->data;
  NEED(provider->signer, E_SIGNER);
  NEED(is_same(provider->key, &state->provider), E_AUTHORITY);
  Clock clock;
  TRY(read_clock(&clock));
  if (state->unlock == 0) state->unlock = clock.unix_time + COOLDOWN_SECONDS;
  return OK;
}

FUNCTION u64 bond_exit(void) {
  NEED(input->len == 6, E_ACCOUNTS);
  NEED(input->data_len == 1, E_DATA);
  const Account *a = input->accounts;
  const Account *provider = &a[0], *bond = &a[1], *vault = &a[2], *destination = &a[3], *rent_payer = &a[4];
  NEED(is_same(a[5].key, &TOKEN), E_PROGRAM);
  TRY(check_bond(bond));
  const Bond *state = (const Bond *)bond->data;
  TRY(check_vault(vault, bond, &state->mint));
  NEED(provider->signer, E_SIGNER);
  NEED(is_same(provider->key, &state->provider), E_AUTHORITY);
  NEED(is_same(rent_payer->key, &state->rent_payer), E_AUTHORITY);
  NEED(is_token(destination, &state->mint), E_MINT);
  NEED(!is_same(destination->key, vault->key), E_ACCOUNTS);
  Clock clock;
  TRY(read_clock(&clock));
  NEED(state->unlock != 0, E_EARLY);
  NEED(clock.unix_time > state->unlock, E_EARLY);
  Slice slices[4];
  bond_seeds(slices, &state->provider, &state->mint, &state->bump);
  Seeds seeds = {slices, 4};
  Purse purse = {vault, bond, &seeds};
  TRY(transfer(&purse, destination, token_amount(vault)));
  return close(&purse, bond, rent_payer);
}

/* Two commitments of the provider, 16 bytes of prefix, 32 of context and 32 of root each: one context and two roots. */
FUNCTION u64 check_equivocation(const Account *sysvar, const Key *provider) {
  const u8 *messages[2];
  TRY(read_signed(sysvar, provider, 2, 80, messages));
  NEED(is_equal(messages[0], "infernet/commit", 2), E_EVIDENCE);
  NEED(is_equal(messages[1], "infernet/commit", 2), E_EVIDENCE);
  NEED(is_equal(messages[0] + 16, messages[1] + 16, 4), E_EVIDENCE);
  NEED(!is_equal(messages[0] + 48, messages[1] + 48, 4), E_EVIDENCE);
  return OK;
}

/* Half to whoever shows the evidence; the other half is burned, so that slashing oneself costs that much. */
FUNCTION u64 slash(void) {
  NEED(input->len == 7, E_ACCOUNTS);
  NEED(input->data_len == 1, E_DATA);
  const Account *a = input->accounts;
  const Account *bond = &a[0], *vault = &a[1], *mint = &a[2], *reporter_token = &a[3], *rent_payer = &a[4];
  TRY(check_sysvar(&a[5]));
  NEED(is_same(a[6].key, &TOKEN), E_PROGRAM);
  TRY(check_bond(bond));
  const Bond *state = (const Bond *)bond->data;
  TRY(check_vault(vault, bond, &state->mint));
  NEED(is_same(mint->key, &state->mint), E_MINT);
  NEED(is_token(reporter_token, &state->mint), E_MINT);
  NEED(!is_same(reporter_token->key, vault->key), E_ACCOUNTS);
  NEED(is_same(rent_payer->key, &state->rent_payer), E_AUTHORITY);
  TRY(check_equivocation(&a[5], &state->provider));
  u64 all = token_amount(vault), half = all / 2;
  Slice slices[4];
  bond_seeds(slices, &state->provider, &state->mint, &state->bump);
  Seeds seeds = {slices, 4};
  Purse purse = {vault, bond, &seeds};
  TRY(burn(&purse, mint, all - half));
  TRY(transfer(&purse, reporter_token, half));
  return close(&purse, bond, rent_payer);
}
