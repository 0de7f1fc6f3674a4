import { describe, expect, test } from 'vitest'
import { MergeMessage } from './index.ts'

const account = (n: number) => `eip155:0:0x${n.toString(16).padStart(40, '0')}`
const side = (participantId: string, n: number) => ({ participantId, accounts: [{ account: account(n), linkedAt: 0 }] })
const message: MergeMessage.MergeMessage = {
  from: '0xp',
  into: '0xq',
  fromAccount: account(1),
  intoAccount: account(2),
  nonce: '0x01',
  issuedAt: 1_000,
  expiresAt: 1_600,
}
const good: MergeMessage.verdict.Check = {
  message,
  from: side('0xp', 1),
  into: side('0xq', 2),
  now: 1_100,
  proof: { nonceBurned: true, from: true, into: true },
}

describe('verdict', () => {
  test('worked example: an account of each side signed, in time', () => {
    expect(MergeMessage.verdict(good)).toEqual({ status: 'accepted' })
  })

  test('edge: any current account of a side may sign', () => {
    const both = { participantId: '0xp', accounts: [...side('0xp', 5).accounts, ...side('0xp', 1).accounts] }
    expect(MergeMessage.verdict({ ...good, from: both })).toEqual({ status: 'accepted' })
  })

  test('edge: the last second, the longest window, the fastest clock', () => {
    expect(MergeMessage.verdict({ ...good, now: 1_599 }).status).toBe('accepted')
    expect(MergeMessage.verdict({ ...good, now: 1_600 })).toEqual({ status: 'refused', code: 'EXPIRED' })
    expect(MergeMessage.verdict({ ...good, now: 940 }).status).toBe('accepted')
    expect(MergeMessage.verdict({ ...good, now: 939 })).toEqual({ status: 'refused', code: 'NOT_YET_VALID' })
  })

  test.each([
    ['NONCE_NOT_BURNED', { ...good, proof: { ...good.proof, nonceBurned: false } }],
    ['PARTICIPANT_MISMATCH', { ...good, from: side('0xr', 1) }],
    ['PARTICIPANT_MISMATCH', { ...good, into: side('0xr', 2) }],
    ['SAME_PARTICIPANT', { ...good, message: { ...message, into: '0xp' }, into: side('0xp', 2) }],
    ['FROM_NOT_LINKED', { ...good, message: { ...message, fromAccount: account(2) } }],
    ['INTO_NOT_LINKED', { ...good, message: { ...message, intoAccount: account(1) } }],
    ['INVALID_TIMES', { ...good, message: { ...message, expiresAt: 1_200.5 } }],
    ['WINDOW_TOO_LONG', { ...good, message: { ...message, expiresAt: 1_601 } }],
    ['FROM_SIGNATURE', { ...good, proof: { ...good.proof, from: false } }],
    ['INTO_SIGNATURE', { ...good, proof: { ...good.proof, into: false } }],
  ] as const)('error: %s', (code, check) => {
    expect(MergeMessage.verdict(check)).toEqual({ status: 'refused', code })
  })
})
