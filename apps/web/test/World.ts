/** What the edge's gateway has read: three chains, two venues, two markets, and what each participant holds. Worse under some conditions. */
import type { Services, Snapshot } from '@plimsoll/api'
import { Hash, Market } from '@plimsoll/contracts'
import { Book, Brake, Reading } from '@plimsoll/liquidation'
import { Inputs } from '@plimsoll/margin'
import type { Hex } from 'viem'
import type * as Certificates from './Certificates.ts'
import { everybody } from './Certificates.ts'

/** What a test may take away. Times are seconds. */
export type Conditions = {
  /** How long ago the snapshot was taken. */
  snapshotAge: number
  missingChain: string | null
  bookUnread: boolean
  priceRefused: boolean
  /** The first venue winds ether down. */
  closing: boolean
  marginCall: boolean
  /** 0 answers; else the gateway refuses everything with this status. */
  down: boolean
  ttlSeconds: number
  /** What lies at the first venue, and what is open there in ether. */
  there: Partial<Snapshot.LedgerState['ledger']>
  /** Whoever asks for his certificate is handed somebody's. */
  mixedUp: boolean
}

export const strait = 31_337_003

const usd = (dollars: number): bigint => BigInt(Math.round(dollars * 100)) * 10n ** 16n
const hash = (text: string): Hex => Hash.ofText(text)
/** Where prices come from, as messages name it. */
const feed = '0x00000000000000000000000000000000000000e1'
export const symbols = ['ETH-PERP', 'BTC-PERP']
/** What the points of a standing sum to. */
export const score = 472
const pdPpm = 162_000
const venues = [
  ['0x00000000000000000000000000000000000000c1', 'Strait One'],
  ['0x00000000000000000000000000000000000000c2', 'Strait Two'],
] as const

/** Everything of now, for whoever is signed in. */
export function snapshot(args: {
  readonly conditions: Conditions
  readonly accounts: readonly Services.Session[]
  readonly certificates: Certificates.Certificates
}): Snapshot.Snapshot {
  const { conditions, accounts, certificates } = args
  const takenAtMs = Date.now() - conditions.snapshotAge * 1000
  const at = Math.floor(takenAtMs / 1000)
  const params = paramsOf(conditions.ttlSeconds)
  const known = venues.map(
    ([address, name]): Snapshot.Venue => ({
      id: `eip155:${strait}:${address}`,
      chainId: strait,
      address,
      name,
      limitBook: '0x00000000000000000000000000000000000000d1',
      epoch: 1,
    }),
  )
  const participants = new Set(accounts.map(({ participantId }) => participantId))
  const markets = new Map([
    ['ETH-PERP', marketOf({ conditions, at, symbol: 'ETH-PERP', price: 3_012.37, sigmaPpm: 624_000, closeOut: 74_000, depth: 1 })],
    ['BTC-PERP', marketOf({ conditions, at, symbol: 'BTC-PERP', price: 61_240.5, sigmaPpm: 411_000, closeOut: 49_000, depth: 3 })],
  ])
  return {
    takenAtMs,
    params,
    paramsHash: Hash.ofText(Inputs.canonicalParams(params)),
    chains: [[31_337_001, 'harbour'] as const, [31_337_002, 'lagoon'] as const, [strait, 'strait'] as const].map(([chainId, name]) => {
      const missing = conditions.missingChain === name
      return {
        chainId,
        name,
        status: missing ? 'missing' : 'ok',
        code: missing ? 'RPC_QUORUM_LOST' : null,
        blockNumber: missing ? null : 1_204n,
        blockTime: missing ? null : at - 3,
        sources: ['alpha', 'beta'].map((operator) => ({
          id: `${name}-${operator}`,
          operator,
          agrees: !missing || operator === 'alpha',
          why: missing && operator === 'beta' ? 'it did not answer within 2 s' : null,
          scorePpm: 1_000_000,
        })),
      }
    }),
    venues: new Map(known.map((venue) => [venue.id, venue])),
    markets,
    views: new Map(accounts.map(({ participantId, account }) => [participantId, viewOf({ conditions, at, holder: account })])),
    firm: new Map(
      accounts.map(({ participantId, account }) => [
        participantId,
        { ...viewOf({ conditions, at, holder: account }), doubts: [], beside: [] },
      ]),
    ),
    elsewhere: new Map(accounts.map(({ participantId, account }) => [participantId, elsewhereOf({ at, holder: account })])),
    claims: new Map(
      accounts.flatMap(({ account }) =>
        viewOf({ conditions, at, holder: account }).lots.flatMap(({ lotId, amount }) =>
          known.map((venue) => [`${lotId}|${venue.id}`, amount] as const),
        ),
      ),
    ),
    standings: new Map([...participants].map((participantId) => [participantId, standingOf(at)])),
    ceilings: new Map(
      accounts.flatMap(({ account }) =>
        known.flatMap((venue) =>
          [...markets].map(
            ([symbol, { closing }]) => [`${account}|${venue.id}|${symbol}`, closing.includes(venue.id) ? 0n : usd(2_000_000)] as const,
          ),
        ),
      ),
    ),
    ledger: {
      state: ({ participantId, venue, market }) =>
        certificates.ledger({ participantId, venue, symbol: market.symbol, there: conditions.there }),
      encumbered: certificates.bound,
      market: () => everybody,
    },
    assets: new Map([
      ['USDC', null],
      ['WETH', 'ETH-PERP'],
    ]),
    forecastBackend: 'wasm',
  }
}

function marketOf(args: {
  readonly conditions: Conditions
  readonly at: number
  readonly symbol: string
  readonly price: number
  readonly sigmaPpm: number
  readonly closeOut: number
  readonly depth: number
}): Snapshot.MarketState {
  const { conditions, at, symbol, price, sigmaPpm, closeOut, depth } = args
  const unread = conditions.bookUnread
  const reading = readingOf({ symbol, sigmaPpm, depth })
  return {
    terms: {
      id: Market.id(symbol),
      symbol,
      initial: { kind: 'sqrt', ppm: 50_000, coefficientPpm: 22, unit: usd(1) },
      maintenance: { kind: 'flat', ppm: 30_000 },
      liquidity: { kind: 'flat', ppm: 2_000 },
      liquidationCostPpm: 5_000,
      caps: { side: usd(20_000_000), participant: usd(2_000_000) },
      wrongWay: { longPpm: 3_400, shortPpm: 0 },
    },
    price: conditions.priceRefused
      ? { status: 'refused', code: 'ORACLE_STALE', message: `The feed of ${symbol} at ${feed} was last published 9 min ago.` }
      : { status: 'ok', index: usd(price), mark: usd(price), publishedAt: at - 7 },
    forecast: {
      status: 'ok',
      forecast: {
        source: 'champion 0.1.0',
        modelHash: hash('model'),
        asOf: at - 95,
        sigmaPpm,
        closeOut: { longPpm: closeOut, shortPpm: Math.round(closeOut * 1.06) },
        liquidation: { longPpm: 21_000, shortPpm: 22_000 },
        throughTheCycle: { longPpm: 17_000, shortPpm: 18_000 },
      },
    },
    brake: unread ? Brake.unavailable(hash('book')) : Reading.brake(reading),
    reading: unread
      ? { status: 'unread', code: 'BOOK_UNREAD', message: 'The book of Strait One could not be read.' }
      : {
          status: 'ok',
          reading,
          sigma: { source: 'forecast', model: 'champion 0.1.0', modelHash: hash('model'), asOf: at - 95 },
          blocks: venues.map(([address]) => ({ venue: `eip155:${strait}:${address}`, number: 884n, timestamp: at - 4 })),
        },
    leverageRatioPpm: unread ? null : 4_310_000,
    openInterest: { long: usd(4_200_000), short: usd(3_100_000) },
    closing: conditions.closing && symbol === 'ETH-PERP' ? [`eip155:${strait}:${venues[0][0]}`] : [],
  }
}

/** A book of sixty-four accounts, leverage between two and fourteen, crowded where longs were opened at once. */
function readingOf({
  symbol,
  sigmaPpm,
  depth,
}: {
  readonly symbol: string
  readonly sigmaPpm: number
  readonly depth: number
}): Reading.Reading {
  const market = Market.id(symbol)
  const accounts = Array.from({ length: 64 }, (_, i): Book.Account => {
    const side = i % 5 < 3 ? 'long' : 'short'
    const leverage = i % 4 === 0 ? 8 + (i % 3) / 4 : 2 + ((i * 37) % 120) / 10
    const notional = usd((20_000 + ((i * 7_919) % 41) * 3_500) * depth)
    const equity = (notional * 1_000n) / BigInt(Math.round(leverage * 1_000))
    return { account: `account ${i}`, equity, collateral: equity, positions: [{ market, side, notional, maintenancePpm: 30_000 }] }
  })
  const book = Book.of(accounts)
  return {
    book,
    market,
    bookHash: hash(Book.canonical(book)),
    headroom: { long: usd(40_000 * depth), short: usd(25_000 * depth) },
    initialPpm: 37_500,
    maintenancePpm: 30_000,
    impacts: { [market]: { kind: 'linear', slope: 1 / (30_000_000 * depth) } },
    sigmaPpm: { forecast: sigmaPpm, throughTheCycle: 650_000 },
    horizonSeconds: 86_400,
    ceiling: usd(2_000_000),
    brakeMaxPpm: 500_000,
    bonusPpm: 10_000,
  }
}

/** Dollars in a wallet and less than are owed, ether against the debt, and a deposit that its chain may still take back. */
function elsewhereOf({ at, holder }: { readonly at: number; readonly holder: Hex }): Snapshot.Elsewhere {
  const token = '0x00000000000000000000000000000000000000e1'
  const held = { chainId: 31_337_001, holder, asset: 'USDC', token, decimals: 6, price: usd(1) } as const
  const ether = { ...held, asset: 'WETH', token: '0x00000000000000000000000000000000000000e2', decimals: 18, price: usd(3_012.37) } as const
  const block = { number: 1_204n, hash: hash('block'), timestamp: at - 3 }
  const [amount, owed, pledged] = [1_250_000_000n, 1_400_000_000n, 10n ** 18n]
  const market = 'Compound III USDC'
  return {
    places: [
      {
        ...{ ...held, amount: 0n, owed: owed - amount, block },
        places: [
          { name: 'wallet USDC', amount, owed: 0n },
          { name: market, amount: 0n, owed },
        ],
      },
      { ...ether, amount: pledged, owed: 0n, places: [{ name: market, amount: pledged, owed: 0n }], block },
    ],
    arriving: [{ ...held, vault: '0x00000000000000000000000000000000000000fa', amount: 300_000_000n }],
    unread: [],
  }
}

function viewOf({ conditions, at, holder }: { readonly conditions: Conditions; readonly at: number; readonly holder: Hex }): Inputs.View {
  const lot = (chainId: number, asset: string, amount: bigint, change: Partial<Inputs.Lot> = {}): Inputs.Lot => ({
    lotId: hash(`${chainId} ${asset} ${change.custody ?? ''}`),
    chainId,
    holder,
    asset,
    token: '0x00000000000000000000000000000000000000e1',
    venue: '0x00000000000000000000000000000000000000f1',
    custody: 'LOCKED',
    amount,
    pendingOut: 0n,
    decimals: asset === 'USDC' ? 6 : 18,
    block: { number: 1_204n, hash: hash('block'), timestamp: at - 3 },
    price: { value: asset === 'USDC' ? usd(1) : usd(3_012.37), confidence: 0n, publishedAt: at - 7 },
    haircuts: { assetPpm: asset === 'USDC' ? 10_000 : 100_000, bridgePpm: 0, venuePpm: 0, agePpm: 0 },
    ...change,
  })
  const all = [
    // A margin call: what was locked has nearly all gone.
    ['harbour', lot(31_337_001, 'USDC', conditions.marginCall ? 1_000_000_000n : 40_000_000_000n)],
    ['harbour', lot(31_337_001, 'WETH', 9_250_000_000_000_000_000n, { custody: 'OBSERVED', venue: 'wallet' })],
    ['lagoon', lot(31_337_002, 'WETH', 6_500_000_000_000_000_000n, { pendingOut: 1_000_000_000_000_000_000n })],
    ['lagoon', lot(31_337_002, 'USDC', 12_500_000_000n)],
  ] as const
  const missing = conditions.missingChain === 'lagoon' ? [{ chainId: 31_337_002, code: 'RPC_QUORUM_LOST' }] : []
  return { lots: all.filter(([chain]) => chain !== conditions.missingChain).map(([, it]) => it), missing }
}

function standingOf(at: number): Snapshot.Standing {
  const grant = (provenCap: bigint): Inputs.Grant => ({
    tier: 1,
    score,
    pdPpm,
    imDiscountPpm: 72_500,
    provenCap,
    tierCap: usd(1_000_000),
    reasons: [
      { code: 'BASE', points: 394 },
      { code: 'SCORE_BOUND', points: 0 },
      { code: 'PROVEN_BOUND', points: 0 },
    ],
    modelHash: hash('score'),
    asOf: at,
    validUntil: at + 3_600,
  })
  const grants = new Map([
    ['ETH-PERP', grant(usd(320_000))],
    ['BTC-PERP', grant(usd(45_000))],
  ])
  return {
    tier: 1,
    evidence: { without: 1, pieces: [] },
    score,
    pdPpm,
    points: [
      { code: 'BASE', points: 394 },
      { code: 'GOOD_CLOSES', points: 215 },
      { code: 'BAD_DEBT', points: 0 },
      { code: 'RECENT_LIQUIDATIONS', points: -74 },
      { code: 'REPEATED_LIQUIDATIONS', points: -20 },
      { code: 'UNANSWERED_CALLS', points: 0 },
      { code: 'THIN_FILE', points: -43 },
      { code: 'SCALE', points: 0 },
    ],
    raises: [
      { code: 'RECENT_LIQUIDATIONS', gain: 74, how: 'Wait 21 days without a liquidation.' },
      { code: 'GOOD_CLOSES', gain: 37, how: 'Close two more positions without loss to the venue.' },
    ],
    grants,
    grantOf: (symbol) => grants.get(symbol) ?? null,
  }
}

function paramsOf(ttlSeconds: number): Inputs.Params {
  return {
    betaPpm: 250_000,
    brakeMaxPpm: 500_000,
    floorPpm: 10_000,
    longCapPpm: 1_000_000,
    quantileFallPpmPerDay: 100_000,
    throughTheCycleMovePpmPerDay: 20_000,
    tierDiscountPpm: [0, 100_000, 200_000, 300_000],
    concentration: [
      { upTo: usd(50_000), weightPpm: 1_000_000 },
      { upTo: null, weightPpm: 800_000 },
    ],
    maxViewAgeSeconds: 120,
    maxPriceAgeSeconds: 120,
    maxForecastAgeSeconds: 7_200,
    ttlSeconds,
    closeOutSeconds: 3_600,
    liquidationSeconds: 300,
  }
}
