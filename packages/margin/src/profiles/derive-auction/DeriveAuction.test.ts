import { expect, test } from 'vitest'
import * as Auction from '../../Auction.ts'
import * as DeriveAuction from './DeriveAuction.ts'

test('worked example: 98 %, half-way to 80 %, 80 %, half of that, nothing', () => {
  const at = (t: number) => Number(Auction.fraction(DeriveAuction.schedule, t).toFixed(12))
  expect([0, 50, 100, 7_300, 14_500].map(at)).toEqual([0.98, 0.89, 0.8, 0.4, 0])
})
