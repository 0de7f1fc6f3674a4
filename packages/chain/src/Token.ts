/** What a token says of itself. */
import { erc20Abi } from 'viem'
import * as Contract from './Contract.ts'
import type { Hex } from './Hex.ts'
import * as Query from './Query.ts'

/** What an amount of a token is multiplied by to be one of 18 decimals. A venue takes none that is finer. */
export function scale({ chainId, token }: scale.Args): Query.Query<bigint> {
  const read = { abi: erc20Abi, chainId, address: token, functionName: 'decimals' } as const
  return Query.map(Query.call({ abi: erc20Abi, target: token, functionName: 'decimals', args: [] }), (outcome) => {
    const decimals = Contract.answer(outcome, read)
    if (decimals > 18) throw new Contract.UnreadableError({ ...read, reason: `${decimals} are more than 18` })
    return 10n ** BigInt(18 - decimals)
  })
}

export declare namespace scale {
  type Args = { readonly chainId: number; readonly token: Hex }
  type ErrorType = Contract.UnreadableError
}
