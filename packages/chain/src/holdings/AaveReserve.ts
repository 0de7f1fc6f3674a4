/** A reserve of Aave v3's shape: what was lent there, and what is owed there. The lender's own claim ranks before any other, so it counts nothing. */
import type { Hex } from '../Hex.ts'
import * as Query from '../Query.ts'
import { balances } from './Erc20.ts'
import { type Holding, owed } from './Holding.ts'

/**
 * Balances of `aToken` and `variableDebt` are in the underlying's own units and grow with interest.
 *
 * @param args.aToken - a receipt: it is resolved to its underlying.
 * @param args.underlying - what the debt is in.
 */
export function of(args: {
  readonly name: string
  readonly aToken: Hex
  readonly variableDebt: Hex
  readonly underlying: Hex
}): Holding<'OBSERVED'> {
  const { name, aToken, variableDebt, underlying } = args
  return {
    name,
    custody: 'OBSERVED',
    query: (holders) => {
      const reads = Query.all([balances({ token: aToken, holders }), balances({ token: variableDebt, holders })])
      return Query.map(reads, ([lent, borrowed]) => [...lent, ...owed(borrowed.map((debt) => ({ ...debt, token: underlying })))])
    },
  }
}
