import { describe, expect, it } from 'vitest'
import * as Book from './Book.ts'
import * as Holder from './Holder.ts'

const position: Holder.Position = {
  ...{ market: '0xe7', size: 2n, notional: 1_000_001n, unrealised: 5n },
  ...{ imPpm: 150_000, mmPpm: 30_000, mmLiquidationPpm: 25_000 },
}
const holder: Holder.Holder = {
  ...{ account: '0xa0', collateral: 700n, unsettledLoss: 20n, credit: 300n, equity: 985n },
  positions: [position, { ...position, market: '0xb7', size: -3n, unrealised: -40n }],
}
const none = () => null
const markets = ['0xe7', '0xb7'] as const

describe('toBook', () => {
  it('worked example: posted is collateral and credit, rates are what liquidations go by', () => {
    expect(Holder.toBook(holder, { chainId: 5, address: '0xc1' })).toEqual({
      ...{ account: '5:0xc1:0xa0', equity: 985n, collateral: 1_000n },
      positions: [
        { market: '0xe7', side: 'long', notional: 1_000_001n, maintenancePpm: 25_000 },
        { market: '0xb7', side: 'short', notional: 1_000_001n, maintenancePpm: 25_000 },
      ],
    })
  })

  it('edge: two venues at one address on two chains make one book', () => {
    const both = [5, 6].map((chainId) => Holder.toBook(holder, { chainId, address: '0xc1' }))
    expect(Book.of(both).accounts).toHaveLength(2)
  })
})

describe('toLedger', () => {
  it('worked example: losses count, gains do not; without a certificate the venue says the rate', () => {
    expect(Holder.toLedger(holder, markets, none)).toEqual({
      ...{ account: '0xa0', venueCollateral: 700n, unrealisedLoss: 40n, fees: 20n, credit: 300n },
      positions: [
        { market: '0xe7', side: 'long', notional: 1_000_001n, requirement: 150_001n, acceptedSequence: 0n },
        { market: '0xb7', side: 'short', notional: 1_000_001n, requirement: 150_001n, acceptedSequence: 0n },
      ],
    })
  })

  it('rounding: up', () => {
    const [first] = Holder.toLedger(holder, markets, () => ({ sequence: 4n, imPpm: 100_000 })).positions
    expect(first).toMatchObject({ requirement: 100_001n, acceptedSequence: 4n })
  })

  it('edge: never below maintenance margin on its ramp, whatever the certificate said', () => {
    const [first] = Holder.toLedger(holder, markets, () => ({ sequence: 4n, imPpm: 29_999 })).positions
    expect(first?.requirement).toBe(30_001n)
  })

  it('edge: sequence 0 is no certificate', () => {
    const [first] = Holder.toLedger(holder, markets, () => ({ sequence: 0n, imPpm: 0 })).positions
    expect(first).toMatchObject({ requirement: 150_001n, acceptedSequence: 0n })
  })

  it('edge: a market without a position, or with one of no size, is flat', () => {
    const flat = { side: 'flat', notional: 0n, requirement: 0n, acceptedSequence: 7n }
    const accepted = () => ({ sequence: 7n, imPpm: 1 })
    expect(Holder.toLedger(holder, ['0xcc'], accepted).positions).toEqual([{ market: '0xcc', ...flat }])
    const closed = { ...holder, positions: [{ ...position, size: 0n }] }
    expect(Holder.toLedger(closed, ['0xe7'], accepted).positions).toEqual([{ market: '0xe7', ...flat }])
  })

  it('dimension: all money times k', () => {
    const scaled = {
      ...{ account: holder.account, collateral: 7_000n, unsettledLoss: 200n, credit: 3_000n, equity: 9_850n },
      positions: holder.positions.map((it) => ({ ...it, notional: it.notional * 1_000_000n, unrealised: it.unrealised * 10n })),
    }
    const bound = Holder.toLedger(scaled, markets, none)
    expect(bound).toMatchObject({ venueCollateral: 7_000n, unrealisedLoss: 400n, fees: 200n, credit: 3_000n })
    expect(bound.positions[0]?.requirement).toBe(150_000_150_000n)
  })
})
