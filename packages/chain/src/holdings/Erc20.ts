/** A wallet's balance of a token, receipts of ERC-4626 included. Seen, and never lent on: it may be gone in the next block. */
import { erc20Abi } from 'viem'
import type { Hex } from '../Hex.ts'
import * as Query from '../Query.ts'
import { type Held, type Holding, unsupported } from './Holding.ts'

/** @param args.token - of any decimals; a fee on transfer or a rebase changes nothing, for the balance is read, not summed. */
export function of(args: { readonly name: string; readonly token: Hex }): Holding<'OBSERVED'> {
  const { name, token } = args
  return { name, custody: 'OBSERVED', query: (holders) => balances({ token, holders }) }
}

/** The balance of each holder. Exactly one word is an amount; anything else is refused. */
export function balances(args: { readonly token: Hex; readonly holders: readonly Hex[] }): Query.Query<readonly Held[]> {
  const { token, holders } = args
  return Query.all<readonly Held[]>(
    holders.map((holder) => {
      const { calls } = Query.call({ abi: erc20Abi, target: token, functionName: 'balanceOf', args: [holder] })
      return {
        calls,
        parse: ([result]): Held =>
          result?.success && result.data.length === 66
            ? { status: 'ok', holder, token, source: token, amount: BigInt(result.data), owed: 0n }
            : unsupported({ holder, token, functionName: 'balanceOf' }),
      }
    }),
  )
}
