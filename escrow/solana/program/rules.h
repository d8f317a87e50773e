/* Errors, limits and the two ways to insist on something. */
#pragma once
#include "solana.h"

enum {
  OK,
  E_DATA,
  E_ACCOUNTS,
  E_SIGNER,
  E_OWNER,
  E_ADDRESS,
  E_STATE,
  E_MINT,
  E_FEE,
  E_AMOUNT,
  E_EARLY,
  E_LATE,
  E_AUTHORITY,
  E_PROGRAM,
  E_EVIDENCE,
  E_CALL,
  E_PAYEE,
  E_SEQUENCE,
  E_VOUCHER,
};

/* A client in JavaScript counts them exactly, and a u64 holds the product of one and FEE_BPS_MAX. */
#define AMOUNT_MAX ((1ULL << 53) - 1)
#define FEE_BPS_MAX 200
#define PAYEES_MAX 12
#define DEPTH_MAX 20
#define TERM_SECONDS_MAX (90LL * 86400)
#define COOLDOWN_SECONDS (7LL * 86400)

/* A transaction that fails changes nothing, so a rule may be checked after what it judges. */
#define NEED(condition, error)       \
  do {                               \
    if (!(condition)) return error;  \
  } while (0)
#define TRY(call)                    \
  do {                               \
    u64 error_ = (call);             \
    if (error_ != OK) return error_; \
  } while (0)

FUNCTION u64 read_clock(Clock *clock) {
  NEED(sol_get_clock_sysvar(clock) == 0, E_CALL);
  return OK;
}
