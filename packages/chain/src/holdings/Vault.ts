/** What an account has locked in our vault, less what is about to escape. */
import { collateralVaultAbi } from '@plimsoll/contracts'
import * as Contract from '../Contract.ts'
import type { Hex } from '../Hex.ts'
import * as Query from '../Query.ts'
import type { Held, Holding } from './Holding.ts'

/** @throws {Contract.UnreadableError} when parsed: there is no such vault. */
export function of(args: {
  readonly name: string
  readonly chainId: number
  readonly vault: Hex
  readonly tokens: readonly Hex[]
}): Holding<'LOCKED'> {
  const { name, chainId, vault, tokens } = args
  const functionName = 'positions'
  return {
    name,
    custody: 'LOCKED',
    query: (holders) =>
      Query.map(Query.call({ abi: collateralVaultAbi, target: vault, functionName, args: [holders, tokens] }), (outcome) => {
        const [locked, escaping] = Contract.answer(outcome, { abi: collateralVaultAbi, chainId, address: vault, functionName })
        return holders.flatMap((holder, row) =>
          tokens.map((token, column): Held => {
            const [held, leaving] = [locked[row * tokens.length + column], escaping[row * tokens.length + column]]
            if (held === undefined || leaving === undefined)
              throw new Contract.UnreadableError({ chainId, address: vault, functionName, reason: 'it left accounts out' })
            return { status: 'ok', holder, token, source: vault, amount: held > leaving ? held - leaving : 0n, owed: 0n }
          }),
        )
      }),
  }
}
