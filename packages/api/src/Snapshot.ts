/** What the gateway knows at one instant, held in memory: quotes are answered from it alone. */
import type { Reading } from '@plimsoll/liquidation'
import type { Inputs } from '@plimsoll/margin'

type Hex = Inputs.Hex

export type ChainStatus = {
  readonly chainId: number
  readonly name: string
  readonly status: 'ok' | 'missing'
  readonly code: string | null
  readonly blockNumber: bigint | null
  readonly blockTime: number | null
  readonly sources: readonly {
    readonly id: string
    readonly operator: string
    readonly agrees: boolean
    readonly why: string | null
    /** How far its word has held: 1,000,000 = never caught in a lie, or long ago. ppm. */
    readonly scorePpm: number
  }[]
}

/** A market's static terms: what is configured, not what is observed. */
export type Terms = Pick<Inputs.Market, 'symbol' | 'initial' | 'maintenance' | 'liquidity' | 'liquidationCostPpm' | 'caps' | 'wrongWay'> & {
  readonly id: Hex
}

export type Price =
  | { readonly status: 'ok'; readonly index: bigint; readonly mark: bigint; readonly publishedAt: number }
  | { readonly status: 'refused'; readonly code: string; readonly message: string }

export type ForecastState =
  | { readonly status: 'ok'; readonly forecast: Inputs.Forecast }
  | { readonly status: 'missing'; readonly code: string; readonly message: string }

/** Where σ̂ comes from; through the cycle where there is no forecast. */
export type Sigma =
  | { readonly source: 'forecast'; readonly model: string; readonly modelHash: Hex; readonly asOf: number }
  | { readonly source: 'throughTheCycle'; readonly why: string }

/** Everybody's positions in a market with what they are shocked by, as the brake was made of it; or why there is none. */
export type ReadingState =
  | {
      readonly status: 'ok'
      readonly reading: Reading.Reading
      readonly sigma: Sigma
      /** Where each venue's book was read. `venue` is its CAIP-10 id. */
      readonly blocks: readonly { readonly venue: string; readonly number: bigint; readonly timestamp: number }[]
    }
  | { readonly status: 'unread'; readonly code: string; readonly message: string }

export type MarketState = {
  readonly terms: Terms
  readonly price: Price
  readonly forecast: ForecastState
  readonly brake: Inputs.Brake
  readonly reading: ReadingState
  /** L1, two-sided, ppm; null while the book is unread or empty. */
  readonly leverageRatioPpm: number | null
  readonly openInterest: { readonly long: bigint; readonly short: bigint }
  /** Ids of the venues where nothing is opened in it any more. */
  readonly closing: readonly string[]
}

export type Venue = {
  /** `eip155:<chainId>:<lower-case address>`. */
  readonly id: string
  readonly chainId: number
  readonly address: Hex
  readonly name: string
  readonly limitBook: Hex
  /** Of the book's signers; null while the book cannot be read, and then nothing is signed for it. */
  readonly epoch: number | null
}

export type Evidence = {
  readonly without: 0 | 1 | 2 | 3
  readonly pieces: readonly {
    readonly scope: string
    readonly nullifier: string
    readonly claim: 'uniqueHuman' | 'legalRecourse'
    readonly kind: string
    readonly source: Readonly<Record<string, string | number | null>>
    readonly verifiedAt: number
    readonly until: number
    /** COUNTS, or why it does not. */
    readonly status: string
  }[]
}

/** What a participant holds that no limit is computed from: it is shown, and is in no inputs document. Native units; prices × 1e18. */
export type Elsewhere = {
  readonly places: readonly {
    readonly chainId: number
    readonly holder: Hex
    readonly asset: string
    readonly token: Hex
    /** Held less owed, at least 0; `owed` is what is owed beyond. */
    readonly amount: bigint
    readonly owed: bigint
    readonly decimals: number
    readonly places: readonly { readonly name: string; readonly amount: bigint; readonly owed: bigint }[]
    readonly price: bigint | null
    readonly block: { readonly number: bigint; readonly hash: Hex; readonly timestamp: number }
  }[]
  /** Deposits seen in a block that is not final. */
  readonly arriving: readonly {
    readonly chainId: number
    readonly holder: Hex
    readonly asset: string
    readonly token: Hex
    readonly vault: Hex
    readonly amount: bigint
    readonly decimals: number
    readonly price: bigint | null
  }[]
  /** What was looked at and could not be counted; `holder` is null where it concerns everybody. */
  readonly unread: readonly {
    readonly chainId: number
    readonly holder: Hex | null
    readonly what: string
    readonly code: string
    readonly sentence: string
  }[]
}

/** Whose lots on one chain signers do not count, as a document names them. */
export type Uncounted = Required<Inputs.Missing>

/** What reputation says of one participant, with what the person is shown. */
export type Standing = {
  readonly tier: 0 | 1 | 2 | 3
  /** The tier the record alone would give, and what each piece of evidence does. */
  readonly evidence: Evidence
  readonly score: number
  readonly pdPpm: number
  readonly points: readonly { readonly code: string; readonly points: number }[]
  readonly raises: readonly { readonly code: string; readonly gain: number; readonly how: string }[]
  /** By market symbol, beside all that is carried but the greatest in the market: what a person is shown. */
  readonly grants: ReadonlyMap<string, Inputs.Grant>
  /** What a limit is computed from: beside what the ledger holds by then, so that one record pays once. Null where there is none. */
  readonly grantOf: (symbol: string, beside: LedgerState['beside']) => Inputs.Grant | null
}

/** What the ledger holds for one key and market, as `Inputs.Ledger` asks for it. */
export type LedgerState = {
  readonly ledger: Inputs.Ledger
  readonly openInterest: { readonly long: bigint; readonly short: bigint }
  readonly headroom: { readonly long: bigint; readonly short: bigint }
  /** What this key's own live certificates leave open in the market. USD. */
  readonly ownHeadroom: { readonly long: bigint; readonly short: bigint }
  readonly damper: Inputs.Damper | null
  readonly marginCall: boolean
  /** What the participant carries, or may, by other keys and in other markets. USD. */
  readonly beside: readonly { readonly market: Hex; readonly notional: bigint }[]
}

/** What credit is lowered by. `missing` is what nothing is known of. */
export type Firm = Inputs.View & {
  /** What is in doubt and in no lot, each at the most that it may be worth. */
  readonly doubts: readonly Inputs.Lot[]
  /** Of both kinds, what lies at a contract account's address on other chains. It counts for nobody here; signers cannot tell whose it is, and count it. */
  readonly beside: readonly Inputs.Lot[]
}

export type Snapshot = {
  /** Milliseconds, the gateway's clock. */
  readonly takenAtMs: number
  readonly params: Inputs.Params
  readonly paramsHash: Hex
  readonly chains: readonly ChainStatus[]
  readonly venues: ReadonlyMap<string, Venue>
  readonly markets: ReadonlyMap<string, MarketState>
  readonly views: ReadonlyMap<Hex, Inputs.View>
  /** The same as the final blocks have it, whatever a source has seen leave since: nothing lower lowers what was lent. */
  readonly firm: ReadonlyMap<Hex, Firm>
  /** Beside the views: none of it counts. */
  readonly elsewhere: ReadonlyMap<Hex, Elsewhere>
  /** What each venue could still be paid of each lot, by `claimKey`. Native units; absent = nothing. */
  readonly claims: ReadonlyMap<string, bigint>
  readonly standings: ReadonlyMap<Hex, Standing>
  /** Growth ceilings by `account|venue id|market symbol`; absent = not read. */
  readonly ceilings: ReadonlyMap<string, bigint>
  /** The ledger at one version. */
  readonly ledger: {
    readonly state: (key: { participantId: Hex; account: Hex; venue: Venue; market: Terms }) => LedgerState
    readonly encumbered: (participantId: Hex) => bigint
    /** Of everybody, where the brakes of this view start. */
    readonly market: (key: { venue: Venue; market: Terms }) => Pick<LedgerState, 'openInterest' | 'headroom'>
  }
  /** Which market's forecast moves a collateral asset; null for one pegged to USD, whose static haircut stands alone. */
  readonly assets: ReadonlyMap<string, string | null>
  readonly forecastBackend: string
}
