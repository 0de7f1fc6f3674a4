/** What is locked, priced and named: a lot as the inputs document has it, why there is none, or why it is in doubt. */
import type { Inputs } from '@plimsoll/margin'
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

export function of(args: {
  readonly locked: Locked
  readonly prices: ReadonlyMap<string, Oracle.Assessment>
  readonly failures: ReadonlyMap<number, Refusal>
}): { readonly holder: Hex; readonly lot: Inputs.Lot | null; readonly refusal: Refusal | null } {
  const { locked, prices, failures } = args
  const { vault, token, holder, amount, pendingOut, stock, pinned } = locked
  const { chainId } = vault
  const doubt = doubtOf(locked)
  const refused = (code: string, sentence: string) => ({ holder, lot: null, refusal: { chainId, asset: token.asset, code, sentence } })

  if (stock.held === null) return { holder, lot: null, refusal: doubt && { chainId, asset: token.asset, ...doubt } }
  if (locked.decimals !== token.decimals)
    return refused(
      'DECIMALS_CHANGED',
      `${token.asset} says it has ${locked.decimals ?? 'no'} decimals, and ${token.decimals} are configured.`,
    )
  const price = prices.get(feedKey(token.feed))
  if (!price) {
    const failure = failures.get(token.feed.chainId)
    return refused(
      failure?.code ?? 'ORACLE_UNREADABLE',
      `There is no price of ${token.asset}: ${failure?.sentence ?? 'its feed was not read.'}`,
    )
  }
  if (price.status === 'refused') return refused(price.code, `There is no price of ${token.asset}: ${price.sentence}`)

  const { number, hash, timestamp } = pinned.block
  const lot: Inputs.Lot = {
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
  return { holder, lot, refusal: doubt && { chainId, asset: token.asset, ...doubt } }
}

/**
 * Why what is locked cannot be relied on, in words. A lot that counts nothing whatever it is worth is in no doubt: so an operator who has seen
 * what became of a token ends it, with a haircut of 100 %.
 */
function doubtOf({ token, stock }: Locked): { readonly code: string; readonly sentence: string } | null {
  const { asset, haircuts } = token
  const code = Stock.doubt(stock)
  if (code === null || Math.max(haircuts.assetPpm, haircuts.bridgePpm, haircuts.venuePpm) >= 1_000_000) return null
  const sentences = {
    ASSET_UNSUPPORTED: `${asset} does not say what the vault holds of it.`,
    TOKEN_SHORT: `The vault holds ${stock.held} of ${stock.owed} ${asset} that it owes: each counts at its share, and nobody is called on it.`,
  }
  return { code, sentence: sentences[code] }
}
