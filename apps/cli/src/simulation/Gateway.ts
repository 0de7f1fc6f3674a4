/**
 * A gateway over the modelled world: the ledger, the gathering, the limit, the certificate and the signature are the real ones;
 * what it reads of the chains is what their final and latest blocks show. Several may share one database.
 */
import { Fault, Gather, Limits, type Services, type Snapshot } from '@plimsoll/api'
import { Certificate, Hash } from '@plimsoll/contracts'
import { Brake, Holder, Book as Positions } from '@plimsoll/liquidation'
import { Credit, Fixed, Inputs } from '@plimsoll/margin'
import { Book, type Database, Ledger, Participants, Releases, Settlements } from '@plimsoll/store'
import { keccak256, toHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import * as Harbour from './Harbour.ts'
import * as Venue from './Venue.ts'
import * as World from './World.ts'

type Hex = `0x${string}`

export type Owner = { readonly participantId: Hex; readonly accounts: readonly Hex[] }
/** What happened in one try, for whoever holds it against the rules. */
export type Issue = {
  readonly owner: Owner
  readonly account: Hex
  readonly pier: World.Pier
  readonly document: string
  readonly signed: Services.Signed
  readonly replayed: boolean
  /** The ledger just before. */
  readonly before: Book.Book
}
export type Answer = { readonly status: 'issued'; readonly issue: Issue } | { readonly status: 'refused'; readonly code: string }
export type Request = {
  readonly owner: Owner
  readonly account: Hex
  readonly pier: World.Pier
  readonly symbol: string
  readonly notional: bigint
  readonly idempotencyKey: string
}

/** The parts of the machine that a test may break, to see that somebody notices. */
export type Machine = {
  readonly limit: typeof Ledger.issue
  readonly observe: typeof Ledger.observe
  readonly link: typeof Participants.link
  /** The gateway's clock in seconds, from the world's. */
  readonly clock: (now: number) => number
  readonly sideCap: bigint
}
export const machine: Machine = {
  limit: Ledger.issue,
  observe: Ledger.observe,
  link: Participants.link,
  clock: (now) => now,
  sideCap: World.sideCap,
}

export type Gateway = {
  readonly tick: () => Promise<void>
  readonly issue: (request: Request) => Promise<Answer>
  /** What it last made of a participant; null where it has not, or where the view was partial. */
  readonly credit: (participantId: Hex) => bigint | null
  readonly book: () => Book.Book | null
  readonly forget: () => void
}

const youngSeconds = 2
const signer = privateKeyToAccount(keccak256(toHex('simulated signer')))

export const params: Inputs.Params = {
  betaPpm: 250_000,
  brakeMaxPpm: 500_000,
  floorPpm: 10_000,
  longCapPpm: 1_000_000,
  quantileFallPpmPerDay: 100_000,
  throughTheCycleMovePpmPerDay: 20_000,
  tierDiscountPpm: [0, 100_000, 200_000, 300_000],
  concentration: [
    { upTo: 200_000n * Fixed.one, weightPpm: 1_000_000 },
    { upTo: null, weightPpm: 500_000 },
  ],
  maxViewAgeSeconds: 300,
  maxPriceAgeSeconds: 60,
  maxForecastAgeSeconds: 600,
  ttlSeconds: 300,
  closeOutSeconds: 3_600,
  liquidationSeconds: 300,
}
const paramsHash = Hash.ofText(Inputs.canonicalParams(params))

export function open(args: {
  readonly world: World.World
  readonly database: Database.Database
  readonly owners: () => readonly Owner[]
  readonly machine: Machine
}): Gateway {
  const { world, database, owners, machine } = args
  let current: Snapshot.Snapshot | null = null
  let book: Book.Book | null = null
  const credits = new Map<Hex, bigint | null>()

  const tick = async () => {
    const now = machine.clock(world.now)
    for (const pier of world.piers) if (World.readable(world, pier.chain.chainId)) await machine.observe(database, observation(world, pier))
    for (const dock of world.docks) if (World.readable(world, dock.chain.chainId)) await settle(database, dock)
    const held = await Ledger.snapshot(database)
    const taken = snapshot({ world, owners: owners(), held, now, sideCap: machine.sideCap })
    for (const { participantId } of owners()) {
      const view = taken.views.get(participantId)
      const full = view !== undefined && view.missing.length === 0
      const credit = full ? Credit.of(Gather.viewOf(taken, participantId).lots, params, now).total : null
      credits.set(participantId, credit)
      const known = held.participants.get(participantId)
      if (credit === null || !known) continue
      const short = credit < Book.encumbered(held, participantId)
      if (short !== known.marginCall) await Ledger.call(database, { participantId, credit })
    }
    book = await Ledger.snapshot(database)
    current = { ...taken, ledger: ledgerOf(book) }
  }

  const issue = async (request: Request): Promise<Answer> => {
    const { owner, account, pier, symbol, notional, idempotencyKey } = request
    let document = ''
    let replayed = false
    let before: Book.Book | null = null
    const services: Limits.Desk = {
      now: () => machine.clock(world.now) * 1_000,
      fresh: async () => {
        if (current === null || world.now - current.takenAtMs / 1_000 > youngSeconds) await tick()
        if (current === null) throw new Fault.SnapshotUnavailableError({ ageSeconds: null, faults: [] })
        return current
      },
      identity: { owns: async (_, asked) => owner.accounts.includes(asked) },
      ledger: {
        issue: async (subject, decide) => {
          before = await Ledger.snapshot(database)
          const outcome = await machine.limit(
            database,
            { ...subject, market: { id: subject.market.id, sideCap: machine.sideCap } },
            async (state) => {
              const decision = await decide(state)
              if (decision.status === 'issue') document = decision.document
              return decision
            },
          )
          replayed = outcome.status === 'issued' && outcome.replayed
          return outcome
        },
      },
      signer: { sign: async ({ digest }) => [await signer.sign({ hash: digest })], uncounted: () => [] },
    }
    const session = { account, participantId: owner.participantId, expiresAt: world.now + 3_600 }
    const venue = `eip155:${pier.chain.chainId}:${pier.address}`
    try {
      const answer = await Limits.issue(services, session, {
        ...{ account, venue, market: symbol, notional, idempotencyKey, belowOpen: 'cut' },
      })
      if (answer.status === 'refused') return { status: 'refused', code: answer.refusal.code }
      if (before === null) throw new UnheldError()
      return { status: 'issued', issue: { owner, account, pier, document, signed: answer.signed, replayed, before } }
    } catch (error) {
      if (error instanceof Error && 'code' in error && typeof error.code === 'string') return { status: 'refused', code: error.code }
      throw error
    }
  }

  return {
    tick,
    issue,
    credit: (participantId) => credits.get(participantId) ?? null,
    book: () => book,
    forget: () => {
      current = null
      book = null
      credits.clear()
    },
  }
}

/** What a final block of a vault says of the releases and settlements that are out. */
async function settle(database: Database.Database, { chain, asset }: World.Dock): Promise<void> {
  const { number, timestamp, state } = chain.final()
  const at = { chainId: chain.chainId, vault: asset.vault, block: { number, timestamp } }
  const pending = await Releases.pending(database, { chainId: chain.chainId, vault: asset.vault })
  const releases = pending.map(({ releaseId }) => ({ releaseId, used: state.used.has(releaseId) }))
  if (releases.length > 0) await Ledger.settle(database, { ...at, releases })
  const claims = await Settlements.pending(database, { chainId: chain.chainId, vault: asset.vault })
  const settlements = claims.map(
    ({ settlementId }) => ({ settlementId, fate: state.claims.get(settlementId)?.status ?? 'unknown' }) as const,
  )
  if (settlements.length > 0) await Ledger.conclude(database, { ...at, settlements })
}

/** Everybody with anything at the venue, as its final block shows them. Requirements as the ledger binds them. */
export function observation(world: World.World, { chain, address }: World.Pier): Parameters<typeof Ledger.observe>[1] {
  const { number, hash, timestamp, state } = chain.final()
  const sea = { ...World.sea(world), now: timestamp }
  return {
    chainId: chain.chainId,
    venue: address,
    block: { number, hash, timestamp },
    accounts: World.accounts.map((account) =>
      Holder.toLedger(
        holderOf(state, account, sea),
        world.terms.map(({ market }) => market),
        (market) => state.accepted.get(Venue.key(account, market)) ?? null,
      ),
    ),
  }
}

/** An account at a venue as its contracts would show it. */
function holderOf(state: Venue.Venue, account: Hex, sea: Venue.Sea): Holder.Holder {
  const { equity, positions } = Venue.account(state, account, sea)
  const { collateral, unsettledLoss } = Venue.balance(state, account)
  const credit = state.credits.get(account) ?? 0n
  const shown = positions.map((it) => ({ ...it, mmLiquidationPpm: it.mmPpm }))
  return { account, collateral, unsettledLoss, credit, equity, positions: shown }
}

function ledgerOf(book: Book.Book): Snapshot.Snapshot['ledger'] {
  return {
    state: ({ participantId, account, venue, market }) =>
      Book.state(book, { participantId, account, venue: { chainId: venue.chainId, address: venue.address }, market: market.id }),
    encumbered: (participantId) => Book.encumbered(book, participantId),
    market: ({ venue, market }) => Book.marketOf(book, { chainId: venue.chainId, market: market.id }),
  }
}

type Args = {
  readonly world: World.World
  readonly owners: readonly Owner[]
  readonly held: Book.Book
  readonly now: number
  readonly sideCap: bigint
}

function snapshot({ world, owners, held, now, sideCap }: Args): Snapshot.Snapshot {
  const venues = world.piers.map(({ chain, address, limitBook }) => {
    const id = `eip155:${chain.chainId}:${address}`
    return [
      id,
      { id, chainId: chain.chainId, address, name: id, limitBook, epoch: World.readable(world, chain.chainId) ? 1 : null },
    ] as const
  })
  const grant: Inputs.Grant = {
    ...{ tier: 0, score: 600, pdPpm: 500_000, imDiscountPpm: 0, provenCap: 0n, reasons: [] },
    ...{ tierCap: 300_000n * Fixed.one, modelHash: World.modelHash, asOf: now, validUntil: now + 3_600 },
  }
  const views = new Map(owners.map((owner) => [owner.participantId, view(world, owner)]))
  // Whoever deposits in the model lets every venue claim all of it.
  const lots = [...views.values()].flatMap((it) => it.lots)
  const claims = new Map(lots.flatMap(({ lotId, amount }) => venues.map(([id]) => [Gather.claimKey(lotId, { id }), amount] as const)))
  const grants = new Map(world.symbols.map((symbol) => [symbol, grant]))
  return {
    takenAtMs: now * 1_000,
    params,
    paramsHash,
    chains: [],
    venues: new Map(venues),
    markets: new Map(
      world.symbols.map((symbol, i) => [symbol, marketOf({ world, held, now, sideCap }, { symbol, id: world.terms[i]?.market as Hex })]),
    ),
    views,
    firm: new Map([...views].map(([id, view]) => [id, { ...view, doubts: [], beside: [] }])),
    elsewhere: new Map(),
    claims,
    standings: new Map(
      owners.map(({ participantId }) => [
        participantId,
        { tier: 0, score: 600, pdPpm: 500_000, evidence: { without: 0, pieces: [] }, points: [], raises: [], grants, grantOf: () => grant },
      ]),
    ),
    ceilings: ceilings(
      world,
      venues.map(([id]) => id),
    ),
    ledger: ledgerOf(held),
    assets: new Map(world.docks.map(({ asset }) => [asset.name, asset.market])),
    forecastBackend: 'simulated',
  }
}

function ceilings(world: World.World, venues: readonly string[]): ReadonlyMap<string, bigint> {
  const all = new Map<string, bigint>()
  for (const [i, { chain }] of world.piers.entries())
    for (const account of World.accounts)
      for (const [j, symbol] of world.symbols.entries()) {
        const { state, timestamp } = chain.final()
        const last = state.accepted.get(Venue.key(account, world.terms[j]?.market as Hex))
        all.set(`${account}|${venues[i]}|${symbol}`, Venue.ceiling(last, timestamp))
      }
  return all
}

function marketOf({ world, held, now, sideCap }: Omit<Args, 'owners'>, { symbol, id }: { symbol: string; id: Hex }): Snapshot.MarketState {
  const quote = world.quotes.get(id) as Venue.Quote
  const quantilePpm = world.quantiles.get(symbol) as number
  const quantile = { longPpm: quantilePpm, shortPpm: quantilePpm }
  const lower = { longPpm: Math.ceil(quantilePpm / 4), shortPpm: Math.ceil(quantilePpm / 4) }
  const readable = world.piers.every(({ chain }) => World.readable(world, chain.chainId))
  return {
    terms: {
      ...{ id, symbol, liquidationCostPpm: 5_000, wrongWay: { longPpm: 0, shortPpm: 0 } },
      initial: { kind: 'flat', ppm: 50_000 },
      maintenance: { kind: 'flat', ppm: 20_000 },
      liquidity: { kind: 'sqrt', ppm: 1_000, coefficientPpm: 2_000, unit: 100_000n * Fixed.one },
      caps: { side: sideCap, participant: 400_000n * Fixed.one },
    },
    price: { status: 'ok', index: quote.price, mark: quote.price, publishedAt: quote.publishedAt },
    forecast:
      world.silentUntil > world.now
        ? { status: 'missing', code: 'FORECAST_MISSING', message: 'The forecaster is silent.' }
        : {
            status: 'ok',
            forecast: {
              ...{ source: 'simulated', modelHash: World.modelHash, asOf: now, sigmaPpm: 8 * quantilePpm },
              ...{ closeOut: quantile, liquidation: lower, throughTheCycle: { longPpm: 15_000, shortPpm: 15_000 } },
            },
          },
    brake: readable ? brakeOf({ world, held }, id) : Brake.unavailable(Hash.ofText('')),
    reading: { status: 'unread', code: 'NOT_SIMULATED', message: 'The metrics of the book are not simulated.' },
    leverageRatioPpm: null,
    openInterest: { long: 0n, short: 0n },
    closing: [],
  }
}

function brakeOf({ world, held }: Pick<Args, 'world' | 'held'>, id: Hex): Inputs.Brake {
  const accounts = world.piers.flatMap(({ chain, address }) => {
    const { state, timestamp } = chain.final()
    const sea = { ...World.sea(world), now: timestamp }
    const holders = World.accounts.map((account) => holderOf(state, account, sea))
    return holders.filter(({ positions }) => positions.length > 0).map((it) => Holder.toBook(it, { chainId: chain.chainId, address }))
  })
  const book = Positions.of(accounts)
  const headroom = world.piers.reduce(
    (sum, { chain }) => {
      const market = held.markets.get(Book.marketId(chain.chainId, id))?.headroom ?? { long: 0n, short: 0n }
      return { long: sum.long + market.long, short: sum.short + market.short }
    },
    { long: 0n, short: 0n },
  )
  return Brake.of({
    ...{ book, market: id, bookHash: Hash.ofText(Positions.canonical(book)), headroom },
    ...{ initialPpm: { long: 31_250, short: 31_250 }, maintenancePpm: { long: 25_000, short: 25_000 } },
    ...{ impact: { kind: 'linear', slope: 1 / 40_000_000 }, sigmaPpm: 600_000, horizonSeconds: 86_400 },
    ...{ ceiling: 400_000n * Fixed.one, brakeMaxPpm: params.brakeMaxPpm },
  })
}

/** Increases count when they are final, reductions at once. */
function view(world: World.World, owner: Owner): Inputs.View {
  const read = world.docks.filter(({ chain }) => World.readable(world, chain.chainId))
  const missing = world.docks
    .filter(({ chain }) => !World.readable(world, chain.chainId))
    .map(({ chain }) => ({ chainId: chain.chainId, code: 'RPC_QUORUM_LOST' }))
  const lots = read.flatMap(({ chain, asset }) =>
    owner.accounts.flatMap((holder): readonly Inputs.Lot[] => {
      const [final, latest] = [chain.final(), chain.latest()]
      const [settled, now] = [Harbour.berth(final.state, holder), Harbour.berth(latest.state, holder)]
      const amount = Fixed.min(settled.amount, now.amount)
      if (amount === 0n) return []
      const market = asset.market === null ? -1 : world.symbols.indexOf(asset.market)
      const quote = world.quotes.get(world.terms[market]?.market ?? '0x') ?? { price: Fixed.one, publishedAt: world.now }
      const pendingOut = Fixed.min(amount, Fixed.max(Harbour.leaving(settled), Harbour.leaving(now)))
      return [
        {
          lotId: Hash.ofText(`${chain.chainId} ${holder} ${asset.name}`),
          ...{ chainId: chain.chainId, holder, asset: asset.name, token: asset.token, venue: asset.vault, custody: 'LOCKED' },
          ...{ amount, pendingOut, decimals: asset.decimals },
          block: { number: final.number, hash: final.hash, timestamp: final.timestamp },
          price: { value: quote.price, confidence: 0n, publishedAt: quote.publishedAt },
          haircuts: { assetPpm: 10_000, bridgePpm: 0, venuePpm: 0, agePpm: 0 },
        },
      ]
    }),
  )
  return { lots, missing }
}

/** Whose signature a certificate carries, for the one who checks it. */
export const signedBy: Hex = signer.address.toLowerCase() as Hex

/** Signs what the limit book's signers sign. */
export function sign(hash: Hex): Promise<Hex> {
  return signer.sign({ hash })
}

export function digest({ certificate, chainId, limitBook }: Services.Signed): Hex {
  return Certificate.digest(certificate, { chainId, verifyingContract: limitBook })
}

/** Thrown for a certificate that no ledger was asked for. */
export class UnheldError extends Error {
  override readonly name = 'Gateway.UnheldError'
  constructor() {
    super('A certificate came back, and the ledger was never asked.')
  }
}
