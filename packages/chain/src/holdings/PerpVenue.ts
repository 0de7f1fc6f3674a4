/** What an account could take out of our venue: its collateral there less losses, fees and the venue's own margin. It may, so it counts nothing. */
import type { Hex } from '../Hex.ts'
import * as Query from '../Query.ts'
import * as Venue from '../Venue.ts'
import type { Held, Holding } from './Holding.ts'

/**
 * Gains are not collateral before they are settled. What the margin needs of the collateral is rounded up to the token's unit.
 *
 * What holds a market whose feed has no price is worth nobody knows what, and is refused.
 *
 * @param args.decimals - of the venue's collateral, at most 18; USD 1 is one token.
 * @throws {Contract.UnreadableError} when parsed: there is no such venue.
 */
export function of(args: {
  readonly name: string
  readonly chainId: number
  readonly venue: Hex
  readonly token: Hex
  readonly decimals: number
}): Holding<'OBSERVED'> {
  const { name, chainId, venue, token, decimals } = args
  const unit = 10n ** BigInt(18 - decimals)
  return {
    name,
    custody: 'OBSERVED',
    query: (holders) =>
      Query.map(Venue.some({ chainId, venue, accounts: holders }), (accounts) =>
        accounts.map(({ account: holder, collateral, unsettledLoss, mm, positions, priced }): Held => {
          if (!priced) {
            const sentence = `A market that ${holder} holds at ${venue} has no price.`
            return { status: 'refused', holder, token, code: 'ORACLE_INVALID', sentence }
          }
          const losses = positions.reduce((sum, { unrealised }) => (unrealised < 0n ? sum - unrealised : sum), 0n)
          const debt = unsettledLoss + losses
          // Margin is not owed: it only stays where it is. Where credit stands behind the position, the collateral may be less.
          const free = collateral - debt - mm
          return {
            status: 'ok',
            source: venue,
            holder,
            token,
            amount: free > 0n ? free / unit : 0n,
            owed: debt > collateral ? (debt - collateral + unit - 1n) / unit : 0n,
          }
        }),
      ),
  }
}
