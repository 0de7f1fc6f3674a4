/** A market of Compound v2's shape, and of the many made like it: shares with an exchange rate, and what is owed in what they stand for. */
import { encodeFunctionData, parseAbi } from 'viem'
import * as Contract from '../Contract.ts'
import type { Hex } from '../Hex.ts'
import * as Query from '../Query.ts'
import { balances } from './Erc20.ts'
import { amounts, type Holding, owed } from './Holding.ts'

/**
 * Shares are a receipt of kind `rate`. What is owed is asked with the interest of the block that is read: what is stored is as old as the
 * last that somebody did there, and so too little. The market rounds it down, and paying so much pays it all.
 *
 * @param args.cToken - the market, which is the token of its shares.
 * @param args.underlying - what is lent and owed. A market in a chain's own coin names none, and is no place here.
 * @throws {Contract.UnreadableError} when parsed: there is no such market, or it is one in another token.
 */
export function of(args: of.Args): Holding<'OBSERVED'> {
  const { name, chainId, cToken, underlying } = args
  const read = { abi, chainId, address: cToken, functionName: 'underlying' } as const
  return {
    name,
    custody: 'OBSERVED',
    query: (holders) => {
      const functionName = 'borrowBalanceCurrent'
      const ask = (holder: Hex) => encodeFunctionData({ abi, functionName, args: [holder] })
      const reads = Query.all([
        Query.call({ ...read, target: cToken, args: [] }),
        balances({ token: cToken, holders }),
        amounts({ token: underlying, source: cToken, holders, functionName, ask, weight }),
      ])
      return Query.map(reads, ([said, lent, borrowed]) => {
        const token = Contract.answer(said, read)
        if (token.toLowerCase() !== underlying.toLowerCase())
          throw new Contract.UnreadableError({ ...read, reason: `it is ${token}, and not ${underlying}` })
        return [...lent, ...owed(borrowed)]
      })
    },
  }
}

export declare namespace of {
  type Args = { readonly name: string; readonly chainId: number; readonly cToken: Hex; readonly underlying: Hex }
}

/** Each guards itself against being entered twice, which is written to storage, and reads what an account borrowed at which index. */
const weight = 4

const abi = parseAbi([
  'function underlying() view returns (address)',
  // No view: it writes interest down before it answers, which an `eth_call` undoes.
  'function borrowBalanceCurrent(address account) returns (uint256)',
])
