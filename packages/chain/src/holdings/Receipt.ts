/** Receipts down to what they stand for. A receipt that stands on itself, however far down, stands on nothing. */
import { erc4626Abi, parseAbi } from 'viem'
import { type Hex, address as parseAddress } from '../Hex.ts'
import * as Query from '../Query.ts'

/**
 * `shares` have a price of their own (ERC-4626), so has what has a `rate` (Compound v2's cToken), and `balance` is counted in the underlying
 * one for one (Aave's aToken, what is lent to a market of Compound III).
 */
export type Kind = 'shares' | 'balance' | 'rate'

/** What a receipt says of itself. */
export type Receipt = {
  /** What it stands for; null where it does not say. */
  readonly underlying: Hex | null
  /** What `unit` of its own units are worth, in the underlying's; null where it does not say. */
  readonly worth: bigint | null
}

export type Refusal = { readonly code: 'COLLATERAL_CYCLE' | 'ASSET_UNKNOWN' | 'ASSET_UNSUPPORTED'; readonly sentence: string }

/** The receipts a token leads through, outermost first, and the asset at the end; or why there is none. */
export type Path =
  | { readonly status: 'ok'; readonly token: Hex; readonly through: readonly Hex[]; readonly asset: Hex }
  | ({ readonly status: 'refused'; readonly token: Hex } & Refusal)

/** Receipts in a receipt, at most. */
const DEEPEST = 8

/**
 * How many shares are asked about. What they are worth is linear in them by the standard, so that one answer serves every holder, and no
 * second request is needed for amounts that are known only after the first. Large enough to lose less than one unit of any amount below
 * it, small enough that its product with 10³⁸ of the underlying does not overflow 256 bits.
 */
export const unit: bigint = 10n ** 36n

/** What every receipt stands for, and what its shares are worth. Part of any `eth_call`. @param receipts - by lower-case address. */
export function query(receipts: ReadonlyMap<Hex, Kind>): Query.Query<ReadonlyMap<Hex, Receipt>> {
  const all = [...receipts]
  const each = all.map(([target, kind]) => readers[kind](target))
  return Query.map(Query.all<readonly Receipt[]>(each), (read) => {
    return new Map(all.flatMap(([token], index) => (read[index] ? [[token, read[index]] as const] : [])))
  })
}

const readers: Readonly<Record<Kind, (target: Hex) => Query.Query<Receipt>>> = { shares: ofShares, balance: ofBalance, rate: ofRate }

/** Aave's tokens and Compound's markets name it each in their own words, and neither knows the other's. */
function ofBalance(target: Hex): Query.Query<Receipt> {
  const both = Query.all([
    Query.call({ abi: balanceAbi, target, functionName: 'UNDERLYING_ASSET_ADDRESS', args: [] }),
    Query.call({ abi: balanceAbi, target, functionName: 'baseToken', args: [] }),
  ])
  return Query.map(both, ([aave, compound]) => ({ underlying: addressIn(aave) ?? addressIn(compound), worth: unit }))
}

/** The rate with the interest of the block that is read. */
function ofRate(target: Hex): Query.Query<Receipt> {
  const both = Query.all([
    Query.call({ abi: rateAbi, target, functionName: 'underlying', args: [] }),
    Query.call({ abi: rateAbi, target, functionName: 'exchangeRateCurrent', args: [], weight: rateWeight }),
  ])
  return Query.map(both, ([underlying, rate]) => ({
    underlying: addressIn(underlying),
    worth: rate.status === 'ok' ? rate.value * (unit / rateScale) : null,
  }))
}

function ofShares(target: Hex): Query.Query<Receipt> {
  const both = Query.all([
    Query.call({ abi: erc4626Abi, target, functionName: 'asset', args: [] }),
    Query.call({ abi: erc4626Abi, target, functionName: 'convertToAssets', args: [unit] }),
  ])
  return Query.map(both, ([asset, worth]) => ({ underlying: addressIn(asset), worth: worth.status === 'ok' ? worth.value : null }))
}

/**
 * What a token stands for.
 *
 * @param args.receipts - as they were read, by lower-case address. What is neither here nor in `assets` is unknown.
 * @param args.assets - tokens that stand for themselves, lower-case.
 */
export function resolve(args: resolve.Args): Path {
  const { receipts, assets } = args
  const token = args.token.toLowerCase() as Hex
  const through: Hex[] = []
  let at = token
  while (!assets.has(at)) {
    if (through.includes(at)) return refuse(token, 'COLLATERAL_CYCLE', `${token} stands on itself, through ${through.join(', ')}.`)
    const receipt = receipts.get(at)
    if (!receipt) return refuse(token, 'ASSET_UNKNOWN', `${token} stands on ${at}, which is neither an asset nor a receipt here.`)
    if (through.length >= DEEPEST) return refuse(token, 'COLLATERAL_CYCLE', `${token} stands on receipts more than ${DEEPEST} deep.`)
    if (receipt.underlying === null) return refuse(token, 'ASSET_UNSUPPORTED', `${at} does not say what it stands for.`)
    through.push(at)
    at = receipt.underlying
  }
  return { status: 'ok', token, through, asset: at }
}

export declare namespace resolve {
  type Args = { readonly token: Hex; readonly receipts: ReadonlyMap<Hex, Receipt>; readonly assets: ReadonlySet<Hex> }
}

/**
 * An amount of receipts as an amount of what they stand for.
 *
 * Formula: `⌊amount · worth / unit⌋` at each level.
 * Source:  docs/holdings.md, eq. (1).
 * Rounding: down at each level; less than one unit below what the receipt itself would say, and never above it.
 *
 * @param args.amount - below `unit`, or more than one unit is lost.
 * @returns null where a receipt does not say what its shares are worth.
 */
export function convert(args: convert.Args): bigint | null {
  let { amount } = args
  for (const token of args.through) {
    const worth = args.receipts.get(token)?.worth ?? null
    if (worth === null) return null
    amount = (amount * worth) / unit
  }
  return amount
}

export declare namespace convert {
  type Args = { readonly amount: bigint; readonly through: readonly Hex[]; readonly receipts: ReadonlyMap<Hex, Receipt> }
}

function addressIn(outcome: Query.Outcome<Hex>): Hex | null {
  return outcome.status === 'ok' ? parseAddress(outcome.value, 'underlying') : null
}

const balanceAbi = parseAbi(['function UNDERLYING_ASSET_ADDRESS() view returns (address)', 'function baseToken() view returns (address)'])

const rateAbi = parseAbi([
  'function underlying() view returns (address)',
  // No view there: it writes interest down before it answers, which an `eth_call` undoes.
  'function exchangeRateCurrent() view returns (uint256)',
])

/** What the protocol scales a rate by. */
const rateScale = 10n ** 18n
/** Interest is computed and written down once a block. */
const rateWeight = 20

function refuse(token: Hex, code: Refusal['code'], sentence: string): Path {
  return { status: 'refused', token, code, sentence }
}
