/** A market of Compound III's shape: what was lent there or is owed there in its base, and what lies there as collateral for the debt. */
import { encodeFunctionData, parseAbi } from 'viem'
import * as Contract from '../Contract.ts'
import type { Hex } from '../Hex.ts'
import * as Query from '../Query.ts'
import { balances } from './Erc20.ts'
import { amounts, type Holding, owed } from './Holding.ts'

/**
 * Figures are the market's own, with interest to the block that is read: what can be taken out, rounded down, and what pays the whole debt,
 * which the market rounds down too. Nothing is added to it, for nobody owes more.
 *
 * What is lent is a receipt of the market itself, which a wallet may show as well: found in both, it is one thing.
 *
 * @param args.comet - the market, which is the token of what is lent there.
 * @param args.base - what is lent and owed.
 * @param args.collaterals - what is looked for besides. Each is one that the market lists: of any other it says 0, and that is no answer.
 * @throws {Contract.UnreadableError} when parsed: there is no such market, it is one in another base, or it does not list a collateral.
 */
export function of(args: of.Args): Holding<'OBSERVED'> {
  const { name, chainId, comet, base, collaterals } = args
  const listed = { abi, functionName: 'getAssetInfoByAddress' } as const
  return {
    name,
    custody: 'OBSERVED',
    query: (holders) => {
      const shared = { source: comet, holders, weight }
      const reads = Query.all([
        Query.call({ abi, target: comet, functionName: 'baseToken', args: [] }),
        Query.all(collaterals.map((asset) => Query.call({ ...listed, target: comet, args: [asset], weight: listWeight }))),
        balances({ token: comet, holders, weight }),
        amounts({
          ...{ ...shared, token: base, functionName: 'borrowBalanceOf' },
          ask: (holder) => encodeFunctionData({ abi, functionName: 'borrowBalanceOf', args: [holder] }),
        }),
        Query.all(
          collaterals.map((token) =>
            amounts({
              ...{ ...shared, token, functionName: 'collateralBalanceOf' },
              ask: (holder) => encodeFunctionData({ abi, functionName: 'collateralBalanceOf', args: [holder, token] }),
            }),
          ),
        ),
      ])
      return Query.map(reads, ([said, terms, lent, borrowed, pledged]) => {
        const read = { abi, chainId, address: comet, functionName: 'baseToken' }
        const token = Contract.answer(said, read)
        if (token.toLowerCase() !== base.toLowerCase())
          throw new Contract.UnreadableError({ ...read, reason: `it is ${token}, and not ${base}` })
        for (const [index, outcome] of terms.entries()) {
          const [, asset] = Contract.answer(outcome, { ...read, ...listed })
          if (asset.toLowerCase() !== collaterals[index]?.toLowerCase())
            throw new Contract.UnreadableError({ ...read, ...listed, reason: `it is of ${asset}, and not of ${collaterals[index]}` })
        }
        return [...lent, ...owed(borrowed), ...pledged.flat()]
      })
    },
  }
}

export declare namespace of {
  type Args = {
    readonly name: string
    readonly chainId: number
    readonly comet: Hex
    readonly base: Hex
    readonly collaterals: readonly Hex[]
  }
}

/** Interest is computed anew for each holder, behind a proxy. */
const weight = 3
/** A market goes through what it lists, two dozen at most. */
const listWeight = 20

const abi = parseAbi([
  'error BadAsset()',
  'function baseToken() view returns (address)',
  'function borrowBalanceOf(address account) view returns (uint256)',
  'function collateralBalanceOf(address account, address asset) view returns (uint128)',
  // The first two words of more, which are not the same in every version.
  'function getAssetInfoByAddress(address asset) view returns (uint8 offset, address asset)',
])
