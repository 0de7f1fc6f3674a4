import { describe, expect, test } from 'vitest'
import { LinkMessage, type Participant } from './index.ts'

const account = (n: number) => `eip155:0:0x${n.toString(16).padStart(40, '0')}`
const participant: Participant.Participant = {
  participantId: '0xp',
  mergedInto: null,
  accounts: [{ account: account(1), linkedAt: 0 }],
  negatives: [],
}
const message: LinkMessage.LinkMessage = {
  participantId: '0xp',
  account: account(2),
  primary: account(1),
  nonce: '0x01',
  issuedAt: 1_000,
  expiresAt: 1_600,
}
const good = { message, participant, now: 1_100, proof: { nonceBurned: true, account: true, primary: true } }

describe('verdict', () => {
  test('worked example: both signed, in time, by a member', () => {
    expect(LinkMessage.verdict(good)).toEqual({ status: 'accepted' })
  })

  test('edge: the last second, the longest window, the fastest clock', () => {
    expect(LinkMessage.verdict({ ...good, now: 1_599 }).status).toBe('accepted')
    expect(LinkMessage.verdict({ ...good, now: 1_600 })).toEqual({ status: 'refused', code: 'EXPIRED' })
    expect(LinkMessage.verdict({ ...good, message: { ...message, expiresAt: 1_601 } })).toEqual({
      status: 'refused',
      code: 'WINDOW_TOO_LONG',
    })
    expect(LinkMessage.verdict({ ...good, now: 940 }).status).toBe('accepted')
    expect(LinkMessage.verdict({ ...good, now: 939 })).toEqual({ status: 'refused', code: 'NOT_YET_VALID' })
  })

  test.each([
    ['NONCE_NOT_BURNED', { ...good, proof: { ...good.proof, nonceBurned: false } }],
    ['ACCOUNT_SIGNATURE', { ...good, proof: { ...good.proof, account: false } }],
    ['PRIMARY_SIGNATURE', { ...good, proof: { ...good.proof, primary: false } }],
    ['PARTICIPANT_MISMATCH', { ...good, message: { ...message, participantId: '0xq' } }],
    ['SAME_ACCOUNT', { ...good, message: { ...message, account: account(1) } }],
    ['PRIMARY_NOT_LINKED', { ...good, message: { ...message, primary: account(3) } }],
    ['INVALID_TIMES', { ...good, message: { ...message, issuedAt: Number.NaN } }],
    ['INVALID_TIMES', { ...good, message: { ...message, expiresAt: 1_200.5 } }],
    ['EXPIRED', { ...good, now: 950, message: { ...message, issuedAt: 1_000, expiresAt: 1_000 } }],
  ] as const)('error: %s', (code, check) => {
    expect(LinkMessage.verdict(check)).toEqual({ status: 'refused', code })
  })
})
