/** What is locked, priced and named: a lot as the inputs document has it, why there is none, or why it is in doubt. */
import { Amount, type Inputs, Lowering } from '@plimsoll/margin'
import { encodeAbiParameters, keccak256 } from 'viem'
import { type Hex, address as parseAddress } from '../Hex.ts'
import type * as Oracle from '../Oracle.ts'
import * as Stock from './Stock.ts'
import type { Locked } from './Vault.ts'

/** Why something is not in the view, in words. */
export type Refusal = { readonly chainId: number; readonly asset: string | null; readonly code: string; readonly sentence: string }

/** What prices are keyed by. */
export function feedKey(feed: { readonly chainId: number; readonly address: Hex }): string {
  return `${feed.chainId}:${feed.address.toLowerCase()}`
}

/** The name of one piece of collateral: the same at every read, different from every other. */
export function id(lot: { readonly chainId: number; readonly holder: Hex; readonly token: Hex; readonly vault: Hex }): Hex {
  const types = [{ type: 'uint256' }, { type: 'address' }, { type: 'address' }, { type: 'address' }] as const
  return keccak256(encodeAbiParameters(types, [BigInt(lot.chainId), lot.holder, lot.token, lot.vault]))
}

/**
 * What is in doubt is told at the most that it may be worth besides: docs/method/limit.md, eq. (17) and (18).
 *
 * A lot whose haircut is 100 % counts nothing whatever becomes of its token and price, so that nothing about it is in doubt: that is how an operator
 * who has looked ends a doubt.
 */
export function of(args: of.Args): Priced {
  const { vault, token, holder, stock } = args.locked
  const { chainId } = vault
  const isNothing = Lowering.haircut(token) === 1_000_000
  const doubted = (doubt: Doubt | null) => (doubt === null || isNothing ? null : { chainId, asset: token.asset, ...doubt })
  const price = priceOf(args)
  const refusal = doubted(price.status === 'refused' ? price : shortOf(token, stock))
  const lot = price.status === 'refused' || args.locked.amount === 0n ? null : lotOf(args.locked, price)
  const lotId = id({ chainId, holder, token: token.address, vault: vault.address })
  return { lotId, holder, lot, refusal, most: refusal === null ? null : mostOf(args) }
}

export type Priced = {
  readonly lotId: Hex
  readonly holder: Hex
  readonly lot: Inputs.Lot | null
  /** Why there is none, or why it is in doubt. */
  readonly refusal: Refusal | null
  /** What is in doubt at the most that it may be worth; null where nothing is in doubt, or nobody knows. */
  readonly most: Inputs.Lot | null
}

type Price = Pick<Extract<Oracle.Assessment, { status: 'ok' }>, 'price' | 'confidence' | 'publishedAt'>

function lotOf({ vault, token, holder, amount, pendingOut, pinned }: Locked, price: Price): Inputs.Lot {
  const { chainId } = vault
  const { number, hash, timestamp } = pinned.block
  return {
    lotId: id({ chainId, holder, token: token.address, vault: vault.address }),
    chainId,
    holder,
    asset: token.asset,
    token: parseAddress(token.address, 'token'),
    venue: parseAddress(vault.address, 'vault'),
    custody: 'LOCKED',
    amount,
    pendingOut,
    decimals: token.decimals,
    block: { number, hash, timestamp },
    price: { value: price.price, confidence: price.confidence, publishedAt: price.publishedAt },
    haircuts: token.haircuts,
  }
}

/** The largest amount that is claimed, at the greatest price that it may have, at the fewest digits that anybody says. */
function mostOf({ locked, prices, most }: of.Args): Inputs.Lot | null {
  const { token, amount, stock, decimals, pinned, written } = locked
  const key = feedKey(token.feed)
  const read = prices.get(key)
  const price = read?.status === 'ok' ? read.price : most.get(key)
  if (price === undefined) return null
  const lot = lotOf(
    { ...locked, amount: written ?? Stock.written(amount, stock) },
    { price, confidence: 0n, publishedAt: pinned.block.timestamp },
  )
  return { ...lot, decimals: Math.min(token.decimals, decimals ?? token.decimals) }
}

export declare namespace of {
  type Args = {
    readonly locked: Locked
    readonly prices: ReadonlyMap<string, Oracle.Assessment>
    readonly failures: ReadonlyMap<number, Refusal>
    /** By `feedKey`, the most that a price which is out may be. */
    readonly most: ReadonlyMap<string, bigint>
  }
}

type Doubt = { readonly code: string; readonly sentence: string }

/** What one whole token is worth, or why nobody knows what the lot is worth. */
function priceOf({
  locked,
  prices,
  failures,
}: of.Args): Extract<Oracle.Assessment, { status: 'ok' }> | ({ readonly status: 'refused' } & Doubt) {
  const { token, decimals, stock } = locked
  const refused = (code: string, sentence: string) => ({ status: 'refused' as const, code, sentence })
  if (stock.held === null) return refused('ASSET_UNSUPPORTED', `${token.asset} does not say what the vault holds of it.`)
  if (decimals !== token.decimals)
    return refused('DECIMALS_CHANGED', `${token.asset} says it has ${decimals ?? 'no'} decimals, and ${token.decimals} are configured.`)
  const price = prices.get(feedKey(token.feed))
  if (price?.status === 'ok') return price
  const failure = price ?? failures.get(token.feed.chainId)
  return refused(
    failure?.code ?? 'ORACLE_UNREADABLE',
    `There is no price of ${token.asset}: ${failure?.sentence ?? 'its feed was not read.'}`,
  )
}

function shortOf({ asset, decimals }: Locked['token'], stock: Stock.Stock): Doubt | null {
  const { owed, held } = stock
  if (held === null || !Stock.isShort(stock)) return null
  return {
    code: 'TOKEN_SHORT',
    sentence: `The vault holds ${Amount.exactly(held, decimals)} of ${Amount.exactly(owed, decimals)} ${asset} that it owes: nothing is lent on it, and nobody is called as if that were all.`,
  }
}
