/* Making and closing the accounts of the program, and the vaults that belong to them. */
#pragma once
#include "token.h"

static const Key ASSOCIATED_TOKEN = {{140, 151, 37,  143, 78,  36,  137, 241, 187, 61,  16,  41,  20,  142, 13,  131,
                                      11,  90,  19,  153, 218, 255, 16,  132, 4,   142, 123, 216, 219, 233, 248, 89}};
static const Key SYSTEM = {{0}};

FUNCTION u64 check_programs(const Account *token, const Account *associated, const Account *system) {
  NEED(is_same(token->key, &TOKEN), E_PROGRAM);
  NEED(is_same(associated->key, &ASSOCIATED_TOKEN), E_PROGRAM);
  NEED(is_same(system->key, &SYSTEM), E_PROGRAM);
  return OK;
}

FUNCTION u64 check_address(const Account *account, const Seeds *seeds) {
  Key address;
  NEED(sol_create_program_address(seeds->slices, seeds->len, input->program, &address) == 0, E_ADDRESS);
  NEED(is_same(account->key, &address), E_ADDRESS);
  return OK;
}

/* Whether it is the one associated token account of `owner`: it could own others, which must not pass for its vault. */
FUNCTION u64 check_vault(const Account *vault, const Account *owner, const Key *mint) {
  Slice seeds[3] = {{owner->key, 32}, {&TOKEN, 32}, {mint, 32}};
  Key address;
  u8 bump;
  NEED(sol_try_find_program_address(seeds, 3, &ASSOCIATED_TOKEN, &address, &bump) == 0, E_ADDRESS);
  NEED(is_same(vault->key, &address), E_ADDRESS);
  return OK;
}

/* The bits of 2.0, by which rent was multiplied before that factor went into the price of a byte. */
#define TWO 0x4000000000000000ULL
#define ACCOUNT_OVERHEAD 128

#define SYSTEM_ASSIGN 1
#define SYSTEM_TRANSFER 2
#define SYSTEM_ALLOCATE 8

/* Makes an account of the program at its address, though somebody may have sent lamports there. */
FUNCTION u64 create_state(const Account *payer, const Account *state, u64 bytes, const Seeds *seeds) {
  NEED(payer->signer, E_SIGNER);
  NEED(is_same(state->owner, &SYSTEM), E_STATE);
  Rent rent;
  NEED(sol_get_rent_sysvar(&rent) == 0, E_CALL);
  u64 needed = (ACCOUNT_OVERHEAD + bytes) * rent.lamports_per_byte * (rent.threshold == TWO ? 2 : 1);
  u8 data[36];
  if (*state->lamports < needed) {
    Meta metas[2] = {{payer->key, 1, 1}, {state->key, 1, 0}};
    write_u32(data, SYSTEM_TRANSFER);
    write_u64(data + 4, needed - *state->lamports);
    Instruction fund = {&SYSTEM, metas, 2, data, 12};
    TRY(invoke(&fund, 0));
  }
  Meta meta = {state->key, 1, 1};
  write_u32(data, SYSTEM_ALLOCATE);
  write_u64(data + 4, bytes);
  Instruction allocate = {&SYSTEM, &meta, 1, data, 12};
  TRY(invoke(&allocate, seeds));
  write_u32(data, SYSTEM_ASSIGN);
  copy_key(data + 4, input->program);
  Instruction assign = {&SYSTEM, &meta, 1, data, 36};
  return invoke(&assign, seeds);
}

#define CREATE_IDEMPOTENT 1

/* Creates a vault unless somebody has. The associated token program refuses any address but the right one. */
FUNCTION u64 create_vault(const Account *payer, const Account *vault, const Account *owner, const Account *mint) {
  Meta metas[6] = {{payer->key, 1, 1}, {vault->key, 1, 0}, {owner->key, 0, 0},
                   {mint->key, 0, 0},  {&SYSTEM, 0, 0},    {&TOKEN, 0, 0}};
  u8 data[1] = {CREATE_IDEMPOTENT};
  Instruction create = {&ASSOCIATED_TOKEN, metas, 6, data, 1};
  return invoke(&create, 0);
}

/*
 * Closes an empty vault and its state. The state goes back to the system program with no data, because whoever sends
 * lamports there in the same transaction keeps it alive, and it must not block its address.
 */
FUNCTION u64 close(const Purse *purse, const Account *state, const Account *rent_payer) {
  TRY(close_token(purse, rent_payer));
  *rent_payer->lamports += *state->lamports;
  *state->lamports = 0;
  for (u64 i = 0; i < state->len; i += 8) write_u64(state->data + i, 0);
  write_u64(state->data - 8, 0);
  copy_key(state->owner, &SYSTEM);
  return OK;
}
