import { describe, expect, test } from 'vitest'
import * as LedgerErrors from './LedgerErrors.ts'
import * as ParticipantErrors from './ParticipantErrors.ts'

const one = 10n ** 18n
const participantId = `0x${'1'.repeat(64)}` as const

describe('what the ledger refuses to bind', () => {
  test('worked example: figures in dollars in the sentence, and to the last digit in the fields', () => {
    const call = new LedgerErrors.MarginCallError({ participantId, credit: 19_760n * one + one / 2n, encumbered: 20_334n * one + 1n })
    expect(call.message).toBe('A margin call is open: 20,334.01 USD is bound, against a credit of 19,760.50 USD.')
    expect(call.encumbered).toBe(20_334n * one + 1n)

    const bound = new LedgerErrors.CreditEncumberedError({ participantId, credit: 100n * one, encumbered: 60n * one, asked: 50n * one })
    expect(bound.message).toBe('Of a credit of 100.00 USD, 60.00 USD is bound already; 50.00 USD more does not fit.')

    const full = new LedgerErrors.MarketCapExceededError({ market: '0xab', side: 'long', cap: 10n * one, reserved: 11n * one })
    expect(full.message).toBe('The long side of market 0xab would carry 11.00 USD, above its cap of 10.00 USD.')

    const left = new ParticipantErrors.AccountEncumberedError({ account: 'eip155:0:0xab', encumbrance: 7n * one })
    expect(left.message).toBe('Account eip155:0:0xab still binds 7.00 USD.')
  })
})
