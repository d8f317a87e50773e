/* The classic SPL Token program: reading its accounts and calling it. */
#pragma once
#include "rules.h"

static const Key TOKEN = {{6,   221, 246, 225, 215, 101, 161, 147, 217, 203, 225, 70,  206, 235, 121, 172,
                           28,  180, 133, 237, 95,  91,  55,  145, 58,  140, 245, 133, 126, 255, 0,   169}};
/* Wrapped SOL, So11111111111111111111111111111111111111112. */
static const Key NATIVE_MINT = {{6,   155, 136, 87,  254, 171, 129, 132, 251, 104, 127, 99,  70,  24,  192, 53,
                                 218, 196, 57,  220, 26,  235, 59,  85,  152, 160, 240, 0,   0,   0,   0,   1}};

#define MINT_BYTES 82
#define TOKEN_BYTES 165

INLINE const Key *token_owner(const Account *token) { return (const Key *)(token->data + 32); }
INLINE u64 token_amount(const Account *token) { return read_u64(token->data + 64); }

/* Whether it is an account of this mint that is neither closed nor frozen. */
INLINE int is_token(const Account *account, const Key *mint) {
  return is_same(account->owner, &TOKEN) && account->len == TOKEN_BYTES && account->data[108] == 1 &&
         is_same((const Key *)account->data, mint);
}

/* Wrapped SOL cannot be burned, so that a bond of it could not be slashed. */
FUNCTION u64 check_mint(const Account *mint) {
  NEED(is_same(mint->owner, &TOKEN), E_MINT);
  NEED(mint->len == MINT_BYTES, E_MINT);
  NEED(!is_same(mint->key, &NATIVE_MINT), E_MINT);
  return OK;
}

/* @param seeds of the address that signs, or 0 when nobody does but who signed the transaction */
FUNCTION u64 invoke(const Instruction *instruction, const Seeds *seeds) {
  NEED(sol_invoke_signed_c(instruction, input->accounts, input->len, seeds, seeds != 0) == 0, E_CALL);
  return OK;
}

#define TRANSFER 3
#define BURN 8
#define CLOSE_ACCOUNT 9

typedef struct {
  const Account *vault;
  const Account *owner;
  const Seeds *seeds;
} Purse;

/* What a transfer, a burn and a close have in common: an account, where it goes, and who says so. */
FUNCTION u64 invoke_token(const Purse *from, const Account *to, const u8 *data, u64 len) {
  Meta metas[3] = {{from->vault->key, 1, 0}, {to->key, 1, 0}, {from->owner->key, 0, 1}};
  Instruction instruction = {&TOKEN, metas, 3, data, len};
  return invoke(&instruction, from->seeds);
}

FUNCTION u64 move_amount(const Purse *from, const Account *to, u64 amount, u8 how) {
  NEED(token_amount(from->vault) >= amount, E_AMOUNT);
  u8 data[9];
  data[0] = how;
  write_u64(data + 1, amount);
  return invoke_token(from, to, data, 9);
}

FUNCTION u64 transfer(const Purse *from, const Account *to, u64 amount) {
  return move_amount(from, to, amount, TRANSFER);
}

FUNCTION u64 burn(const Purse *from, const Account *mint, u64 amount) {
  return move_amount(from, mint, amount, BURN);
}

FUNCTION u64 close_token(const Purse *from, const Account *rent_payer) {
  u8 data[1] = {CLOSE_ACCOUNT};
  return invoke_token(from, rent_payer, data, 1);
}

/* Moves what `authority` signed for from its own account into a vault that has been checked. */
FUNCTION u64 pay_in(const Account *authority, const Account *source, const Account *vault, const Key *mint,
                    u64 amount) {
  NEED(authority->signer, E_SIGNER);
  NEED(amount <= AMOUNT_MAX, E_AMOUNT);
  if (amount == 0) return OK;
  NEED(is_token(source, mint), E_MINT);
  NEED(is_same(token_owner(source), authority->key), E_OWNER);
  Purse purse = {source, authority, 0};
  return transfer(&purse, vault, amount);
}
