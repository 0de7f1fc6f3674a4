import type { Address, Hex } from 'viem'

/** What was deployed where, as plain JSON. Addresses in lower case, block numbers as decimal strings. */
export type Manifest = {
  readonly chains: readonly { readonly chainId: number; readonly name: string; readonly url: string }[]
  readonly vaults: readonly Vault[]
  readonly venues: readonly Venue[]
  /** Every asset that counts, with its feed on the chain of `feeds`. `market` is the perpetual whose price it has. */
  readonly assets: readonly { readonly asset: string; readonly market: string | null; readonly feed: Address }[]
  readonly markets: readonly Market[]
  readonly feeds: { readonly chainId: number; readonly heartbeatSeconds: number }
  /** Keys that sign limits. */
  readonly signers: { readonly addresses: readonly Address[]; readonly threshold: number }
  /** Keys that sign releases; none of them signs limits. */
  readonly releaseSigners: { readonly addresses: readonly Address[]; readonly threshold: number }
  /** Keys that sign settlements; none of them signs anything else. */
  readonly settlementSigners: { readonly addresses: readonly Address[]; readonly threshold: number }
  readonly owner: Address
}

export type Vault = {
  readonly chainId: number
  readonly address: Address
  /** The block it was deployed in: its history starts there. */
  readonly fromBlock: string
  readonly tokens: readonly { readonly asset: string; readonly token: Address; readonly decimals: number }[]
}

export type Venue = {
  readonly chainId: number
  readonly name: string
  readonly address: Address
  readonly limitBook: Address
  /** Who reduces for those who allowed it. */
  readonly mandates: Address
  /** Who inherits; `junior` and `senior` are its tranches. */
  readonly backstop: { readonly address: Address; readonly junior: Address; readonly senior: Address }
  readonly fromBlock: string
  /** Whom settlements for it pay, by the chain of the vault. */
  readonly escrows: readonly { readonly chainId: number; readonly address: Address }[]
  readonly collateral: { readonly asset: string; readonly token: Address; readonly decimals: number }
}

export type Market = {
  readonly symbol: string
  readonly id: Hex
  readonly feed: Address
  readonly heartbeatSeconds: number
  readonly imPpm: number
  readonly mmPpm: number
  readonly feePpm: number
  readonly liquidationFeePpm: number
  /** USD × 1e18. */
  readonly maxOpenInterest: string
  readonly minNotional: string
}
