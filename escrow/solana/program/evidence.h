/* What was signed off the chain and checked by the Ed25519 precompile in the instruction just before this one. */
#pragma once
#include "rules.h"

static const Key ED25519 = {{3,  125, 70,  214, 124, 147, 251, 190, 18,  249, 66,  143, 131, 141, 64, 255,
                             5,  112, 116, 73,  39,  244, 138, 100, 252, 202, 112, 68,  128, 0,   0,  0}};
static const Key INSTRUCTIONS = {{6,   167, 213, 23,  24,  123, 209, 102, 53,  218, 212, 4,   85,  253, 194, 192,
                                  193, 36,  198, 143, 33,  86,  117, 165, 219, 186, 203, 95,  8,   0,   0,   0}};

/* An offset into the precompile's own instruction. */
#define HERE 0xffff

/*
 * The instructions sysvar: u16 instructions, u16 offset of each; each is u16 accounts, 33 bytes of each, the program's
 * key, u16 len, data; at the very end u16 which one runs. The precompile's data: u8 signatures, u8 padding, then for each
 * u16 signature offset and instruction, u16 key offset and instruction, u16 message offset, size and instruction. It has
 * run already, so offsets and signatures are right as they stand; here is checked that they are about what we think.
 *
 * Points `messages` at exactly `count` messages of `size` bytes that `signer` signed.
 */
FUNCTION u64 read_signed(const Account *sysvar, const Key *signer, u64 count, u64 size, const u8 **messages) {
  u64 running = read_u16(sysvar->data + sysvar->len - 2);
  NEED(running > 0, E_EVIDENCE);
  const u8 *at = sysvar->data + read_u16(sysvar->data + 2 * running);
  at += 2 + 33 * (u64)read_u16(at);
  NEED(is_same((const Key *)at, &ED25519), E_EVIDENCE);
  at += 34;
  NEED(at[0] == count, E_EVIDENCE);
  for (u64 i = 0; i < count; i++) {
    const u8 *offsets = at + 2 + 14 * i;
    NEED(read_u16(offsets + 2) == HERE, E_EVIDENCE);
    NEED(read_u16(offsets + 6) == HERE, E_EVIDENCE);
    NEED(read_u16(offsets + 12) == HERE, E_EVIDENCE);
    NEED(is_same((const Key *)(at + read_u16(offsets + 4)), signer), E_EVIDENCE);
    NEED(read_u16(offsets + 10) == size, E_EVIDENCE);
    messages[i] = at + read_u16(offsets + 8);
  }
  return OK;
}

FUNCTION u64 check_sysvar(const Account *sysvar) {
  NEED(is_same(sysvar->key, &INSTRUCTIONS), E_PROGRAM);
  return OK;
}
