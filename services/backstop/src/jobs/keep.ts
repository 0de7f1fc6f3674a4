/**
 * What a backstop is kept in order by, and anybody may do: lots that nobody wanted are closed, what nothing is left to carry is given up, and income
 * is shared out. Each is asked of the contract at one block, so that it alone says when.
 */
import { Contract, type Hex, Query, type Quorum } from '@plimsoll/chain'
import { backstopAbi, perpVenueAbi } from '@plimsoll/contracts'
import { encodeFunctionData, zeroHash } from 'viem'
import type { Look } from './look.ts'

/** As other acts; there is no price to keep to but the oracle's. */
export type Act = {
  readonly kind: 'unwind' | 'surrender' | 'shareIncome'
  readonly market: Hex.Hex
  readonly size: bigint
  readonly limitPrice: bigint
  readonly why: string
}

/** Less is not worth its transaction. USD × 1e18. */
const leastIncome = 100n * 10n ** 18n

/** What is sent for an act. */
export function calldata({ kind, market }: Act): Hex.Hex {
  if (kind === 'shareIncome') return encodeFunctionData({ abi: backstopAbi, functionName: 'shareIncome', args: [] })
  return encodeFunctionData({ abi: backstopAbi, functionName: kind, args: [market] })
}

/**
 * What there is to do, what makes losses stop first.
 *
 * @param args.look - in whose markets; what is not fresh there, or has no fresh index, is left alone.
 * @throws {Quorum.QuorumError} {Contract.UnreadableError}
 */
export async function keep(args: keep.Args): Promise<readonly Act[]> {
  const { reader, venue, backstop, look, fit } = args
  const wanted: Act[] = look.offers.flatMap(({ market, size, inventory, mark }) => {
    const isFit = look.markets.some((one) => one.market === market && one.fresh) && fit.has(market)
    if (size === 0n || !isFit) return []
    return [
      { kind: 'surrender' as const, market, size: inventory, limitPrice: 0n, why: `no layer is left to carry it, at ${mark}` },
      { kind: 'unwind' as const, market, size, limitPrice: 0n, why: `nobody took it for twelve auctions, at ${mark}` },
    ]
  })
  const pinned = await reader.pin({ at: 'head' })
  if (look.offers.every(({ inventory }) => inventory === 0n)) {
    const query = Query.call({ abi: perpVenueAbi, target: venue, functionName: 'accountOf', args: [backstop] })
    const { results } = await reader.read({ pinned, calls: query.calls })
    const at = { abi: perpVenueAbi, chainId: reader.config.chainId, address: venue, functionName: 'accountOf' }
    const { collateral } = Contract.answer(query.parse(results), at)
    const why = `${collateral} of income, and nothing inherited is left`
    if (collateral >= leastIncome) wanted.push({ kind: 'shareIncome', market: zeroHash, size: 0n, limitPrice: 0n, why })
  }
  if (wanted.length === 0) return []
  const { results } = await reader.read({ pinned, calls: wanted.map((act) => ({ target: backstop, data: calldata(act) })) })
  const order = ['surrender', 'unwind', 'shareIncome']
  return wanted.filter((_, i) => results[i]?.success).sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
}

export declare namespace keep {
  type Args = {
    readonly reader: Quorum.Reader
    readonly venue: Hex.Hex
    readonly backstop: Hex.Hex
    readonly look: Look
    /** Markets whose index price is fresh. */
    readonly fit: ReadonlySet<Hex.Hex>
  }
}
