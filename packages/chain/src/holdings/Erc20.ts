/** A wallet's balance of a token, receipts of ERC-4626 included. Seen, and never lent on: it may be gone in the next block. */
import { encodeFunctionData, erc20Abi } from 'viem'
import type { Hex } from '../Hex.ts'
import type * as Query from '../Query.ts'
import { amounts, type Held, type Holding } from './Holding.ts'

/** @param args.token - of any decimals; a fee on transfer or a rebase changes nothing, for the balance is read, not summed. */
export function of(args: { readonly name: string; readonly token: Hex }): Holding<'OBSERVED'> {
  const { name, token } = args
  return { name, custody: 'OBSERVED', query: (holders) => balances({ token, holders }) }
}

/** The balance of each holder. @param args.weight - of one, as `Multicall.Call` has it. */
export function balances(args: {
  readonly token: Hex
  readonly holders: readonly Hex[]
  readonly weight?: number
}): Query.Query<readonly Held[]> {
  const functionName = 'balanceOf'
  const ask = (holder: Hex) => encodeFunctionData({ abi: erc20Abi, functionName, args: [holder] })
  return amounts({ ...args, source: args.token, functionName, ask })
}
