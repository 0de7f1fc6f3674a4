/**
 * A test kit: a gateway for this page on one port. The router, the limit, the signatures and the wire are the real ones; what stands
 * at the edge, where chains and a database would be, is held in memory here, so that a test can take a chain or a price away.
 */
import { readFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { type Context, createAppRouter, type Services, type Snapshot } from '@plimsoll/api'
import { figures } from '@plimsoll/api/testing'
import { Hash, Market } from '@plimsoll/contracts'
import { Book, Brake, Reading } from '@plimsoll/liquidation'
import { Inputs } from '@plimsoll/margin'
import { createHTTPHandler } from '@trpc/server/adapters/standalone'
import { type Hex, recoverMessageAddress } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { parseSiweMessage } from 'viem/siwe'

/** What a test may take away. Times are seconds. */
export type Conditions = {
  /** How long ago the snapshot was taken. */
  snapshotAge: number
  missingChain: string | null
  bookUnread: boolean
  priceRefused: boolean
  marginCall: boolean
  /** 0 answers; else the gateway refuses everything with this status. */
  down: boolean
  ttlSeconds: number
  /** What is open and lies at the venues. */
  there: Partial<Snapshot.LedgerState['ledger']>
}

export type Edge = AsyncDisposable & { readonly url: string; readonly conditions: Conditions; emit: (kind: string) => void }

const usd = (dollars: number): bigint => BigInt(Math.round(dollars * 100)) * 10n ** 16n
const hash = (text: string): Hex => Hash.ofText(text)
const signer = privateKeyToAccount(hash('edge signer'))
const strait = 31_337_003
const venues = [
  ['0x00000000000000000000000000000000000000c1', 'Strait One'],
  ['0x00000000000000000000000000000000000000c2', 'Strait Two'],
] as const

export async function start(dist: string): Promise<Edge> {
  const conditions: Conditions = {
    snapshotAge: 0.4,
    missingChain: null,
    bookUnread: false,
    priceRefused: false,
    marginCall: false,
    down: false,
    ttlSeconds: 300,
    there: {},
  }
  const sessions = new Map<string, Services.Session>()
  const certificates = new Map<string, Services.Signed>()
  const answered = new Map<string, Services.Signed>()
  const documents = new Map<string, string>()
  const listeners = new Set<(event: Services.Event) => void>()
  const nonces = new Set<string>()
  let events = 0
  let origin = ''
  const emit = (kind: string) => {
    const event = { id: String(++events), kind, at: Math.floor(Date.now() / 1000), body: {} }
    for (const listener of listeners) listener(event)
  }
  const bound = () => [...certificates.values()].reduce((sum, { certificate }) => sum + certificate.credit, 0n)
  const snapshot = () => snapshotOf({ conditions, accounts: [...sessions.values()], bound })

  const services: Services.Services = {
    now: () => Date.now(),
    snapshot,
    fresh: snapshot,
    include: async () => {},
    charge: async () => {},
    evidence: {
      policy: () => ({ scope: 'none', scopeHash: hash('none'), groups: [], worldId: null, trusts: [] }),
      attest: async () => null,
      submit: async () => ({ status: 'refused', code: 'UNTRUSTED_ATTESTER' }),
    },
    auth: {
      get domain() {
        return new URL(origin).host
      },
      get uri() {
        return origin
      },
      chainIds: [strait],
      nonce: async () => {
        const nonce = crypto.randomUUID().replaceAll('-', '')
        nonces.add(nonce)
        return nonce
      },
      signIn: async ({ message, signature }) => {
        const { address, nonce, domain } = parseSiweMessage(message)
        const recovered = await recoverMessageAddress({ message, signature })
        if (nonce === undefined || !nonces.delete(nonce) || domain !== new URL(origin).host || address !== recovered)
          throw new Error('the edge refuses this sign-in')
        const account = recovered.toLowerCase() as Hex
        const session = { account, participantId: hash(account), expiresAt: Math.floor(Date.now() / 1000) + 3_600 }
        const token = crypto.randomUUID()
        sessions.set(token, session)
        return { token, session }
      },
      signOut: async (token) => void sessions.delete(token),
      session: async (token) => sessions.get(token) ?? null,
    },
    identity: {
      accounts: async (id) =>
        [...new Set([...sessions.values()].filter(({ participantId }) => participantId === id).map(({ account }) => account))].map(
          (account) => ({
            account: `eip155:0:${account}`,
            linkedAt: Math.floor(Date.now() / 1000) - 86_400 * 40,
          }),
        ),
      owns: async () => false,
      prepareLink: async () => refuse(),
      prepareMerge: async () => refuse(),
      merge: async () => refuse(),
      link: async () => refuse(),
      unlink: async () => refuse(),
    },
    scores: {
      change: () => ({
        modelHash: hash('scorecard'),
        from: 588,
        to: 640,
        lines: [
          { code: 'GOOD_CLOSES', from: 60, to: 118, points: 58 },
          { code: 'RECENT_LIQUIDATIONS', from: 0, to: -6, points: -6 },
        ],
      }),
    },
    ledger: {
      issue: async (request, decide) => {
        const known = answered.get(request.idempotencyKey)
        if (known) return { status: 'issued', signed: known, replayed: true }
        const key = `${request.venue.id} ${request.market.symbol}`
        const before = certificates.get(key)
        const state = ledgerOf({ own: before?.certificate.credit ?? 0n, bound: bound(), there: conditions.there })
        const decision = await decide({ ...state, sequence: (before?.certificate.sequence ?? 0n) + 1n })
        if (decision.status === 'refuse') return { status: 'refused' }
        certificates.set(key, decision.signed)
        answered.set(request.idempotencyKey, decision.signed)
        documents.set(decision.signed.certificate.inputsHash, decision.document)
        emit('limit.issued')
        return { status: 'issued', signed: decision.signed, replayed: false }
      },
      latest: async ({ venue, market }) =>
        [...certificates.values()].find(({ certificate }) => certificate.venue === venue.address && certificate.market === market) ?? null,
      document: async (inputsHash) => documents.get(inputsHash) ?? null,
      marginCall: () => conditions.marginCall,
    },
    signer: {
      kind: 'local',
      addresses: [signer.address.toLowerCase() as Hex],
      threshold: 1,
      sign: async ({ digest }) => [await signer.sign({ hash: digest })],
      uncounted: () => [],
    },
    figures,
    events: ({ signal }) => stream(listeners, signal),
    version: '0.1.0',
    work: () => ({ holder: 'alone', gateways: 1, shards: [0], jobs: [], fenced: 0 }),
    faults: () => (conditions.missingChain === null ? [] : [`${conditions.missingChain}: RPC_QUORUM_LOST`]),
  }

  const cookies = new WeakMap<object, string | null>()
  const trpc = createHTTPHandler({
    router: createAppRouter(services, {}),
    basePath: '/trpc/',
    onError: ({ error, path }) => {
      if (error.code === 'INTERNAL_SERVER_ERROR') console.error(path, error.cause ?? error)
    },
    createContext: ({ req, res }): Context => {
      const token = req.headers.authorization?.slice(7) ?? /plimsoll_session=([\w-]+)/.exec(req.headers.cookie ?? '')?.[1] ?? null
      return {
        session: token === null ? null : (sessions.get(token) ?? null),
        token,
        client: 'edge',
        setSession: (value) => {
          cookies.set(res, value)
          res.setHeader(
            'set-cookie',
            `plimsoll_session=${value ?? ''}; Path=/; HttpOnly; SameSite=Strict${value === null ? '; Max-Age=0' : ''}`,
          )
        },
      }
    },
  })
  const server = createServer((request, response) => {
    if (request.url?.startsWith('/trpc/')) {
      if (conditions.down) response.destroy()
      else trpc(request, response)
    } else void serve(dist, request.url ?? '/', response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: origin,
    conditions,
    emit,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function refuse(): never {
  throw new Error('the edge links no accounts')
}

async function* stream(listeners: Set<(event: Services.Event) => void>, signal: AbortSignal): AsyncIterable<Services.Event> {
  const waiting: Services.Event[] = []
  let wake = () => {}
  const listener = (event: Services.Event) => {
    waiting.push(event)
    wake()
  }
  const stop = () => wake()
  listeners.add(listener)
  signal.addEventListener('abort', stop)
  while (!signal.aborted) {
    const next = waiting.shift()
    if (next) yield next
    else
      await new Promise<void>((resolve) => {
        wake = resolve
      })
  }
  listeners.delete(listener)
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

async function serve(dist: string, url: string, response: ServerResponse): Promise<void> {
  const path = normalize(new URL(url, 'http://edge').pathname)
  const file = join(dist, path === '/' ? 'index.html' : path)
  try {
    const body = await readFile(file)
    // As the gateway serves it: scripts and connections of this origin only.
    response.setHeader(
      'content-security-policy',
      "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'",
    )
    response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream')
    response.end(body)
  } catch {
    response.writeHead(404).end()
  }
}

function ledgerOf({
  own,
  bound,
  there,
}: {
  readonly own: bigint
  readonly bound: bigint
  readonly there: Conditions['there']
}): Snapshot.LedgerState {
  return {
    ledger: {
      version: 1n,
      otherEncumbrance: bound - own,
      certificateCredit: own,
      position: { side: 'flat', notional: 0n },
      venueCollateral: 0n,
      unrealisedLoss: 0n,
      fees: 0n,
      otherRequirement: 0n,
      ...there,
    },
    openInterest: { long: usd(4_200_000), short: usd(3_100_000) },
    headroom: { long: 0n, short: 0n },
    ownHeadroom: { long: 0n, short: 0n },
    damper: null,
    marginCall: false,
    beside: [],
  }
}

function snapshotOf({
  conditions,
  accounts,
  bound,
}: {
  readonly conditions: Conditions
  readonly accounts: readonly Services.Session[]
  readonly bound: () => bigint
}): Snapshot.Snapshot {
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
  const certificateOf = (venue: string) => (bound() === 0n ? 0n : venue.endsWith('c1') ? bound() : 0n)
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
      accounts.map(({ participantId, account }) => [participantId, { ...viewOf({ conditions, at, holder: account }), doubts: [] }]),
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
        known.flatMap((venue) => [...markets.keys()].map((symbol) => [`${account}|${venue.id}|${symbol}`, usd(2_000_000)] as const)),
      ),
    ),
    ledger: {
      state: ({ venue }) => ledgerOf({ own: certificateOf(venue.address), bound: bound(), there: conditions.there }),
      encumbered: bound,
      market: () => ledgerOf({ own: 0n, bound: 0n, there: {} }),
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
      ? { status: 'refused', code: 'ORACLE_STALE', message: `The feed of ${symbol} was last published 9 min ago.` }
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
    closing: [],
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
    score: 641,
    pdPpm: 62_000,
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
    score: 472,
    pdPpm: 162_000,
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
