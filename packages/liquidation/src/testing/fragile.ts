/** Random books of isolated positions in ETH, for properties of what is served of a market. */
import fc from 'fast-check'
import type * as Book from '../Book.ts'
import { position } from './readings.ts'

export const books: fc.Arbitrary<readonly Book.Account[]> = fc
  .array(
    fc.record({
      side: fc.constantFrom<Book.Side>('long', 'short'),
      notional: fc.integer({ min: 1, max: 3_000 }),
      equityPart: fc.integer({ min: 1, max: 120 }),
    }),
    { maxLength: 12 },
  )
  .map((rows) =>
    rows.map(({ side, notional, equityPart }, i) =>
      position(`a${i}`, side, { notional, equity: Math.ceil((notional * equityPart) / 100) }),
    ),
  )
