/**
 * A test kit: services over a snapshot in memory, at the edge where chains and databases would be.
 * The router, the composition, the limit and the signatures are the real ones.
 */
import { Certificate, Hash, Market } from '@plimsoll/contracts'
import { Book, Fragility, LiquidationMap, Reading, WhatIf } from '@plimsoll/liquidation'
import { Inputs } from '@plimsoll/margin'
import { type Hex, keccak256, toHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { parseSiweMessage } from 'viem/siwe'
import { RateLimitedError } from '../Fault.ts'
import type { Decision, Services, Session, Signed } from '../Services.ts'
import type { LedgerState, Snapshot, Venue } from '../Snapshot.ts'

export const usd = (dollars: number): bigint => BigInt(dollars) * 10n ** 18n
export const now = 1_800_000_000
export const participantId: Hex = keccak256(toHex('participant'))
export const account: Hex = '0x00000000000000000000000000000000000000aa'
export const stranger: Hex = '0x00000000000000000000000000000000000000bb'
export const signer = privateKeyToAccount(keccak256(toHex('signer')))
export const venue: Venue = {
  id: 'eip155:31337003:0x00000000000000000000000000000000000000cc',
  chainId: 31_337_003,
  address: '0x00000000000000000000000000000000000000cc',
  name: 'first venue',
  limitBook: '0x00000000000000000000000000000000000000dd',
  epoch: 1,
}
export const session: Session = { account, participantId, expiresAt: now + 3_600 }

const hash = (text: string): Hex => keccak256(toHex(text))

const params: Inputs.Params = {
  betaPpm: 250_000,
  brakeMaxPpm: 500_000,
  floorPpm: 10_000,
  longCapPpm: 1_000_000,
  quantileFallPpmPerDay: 100_000,
  throughTheCycleMovePpmPerDay: 20_000,
  tierDiscountPpm: [0, 100_000, 200_000, 300_000],
  concentration: [{ upTo: null, weightPpm: 1_000_000 }],
  maxViewAgeSeconds: 120,
  maxPriceAgeSeconds: 120,
  maxForecastAgeSeconds: 7_200,
  ttlSeconds: 300,
  closeOutSeconds: 3_600,
  liquidationSeconds: 300,
}

const position = (account: string, side: Book.Side, figures: { readonly notional: number; readonly equity: number }): Book.Account => ({
  account,
  equity: usd(figures.equity),
  collateral: usd(figures.equity),
  positions: [{ market: Market.id('ETH-PERP'), side, notional: usd(figures.notional), maintenancePpm: 50_000 }],
})

/** Three positions whose cascade is worked out by hand in docs/method/leverage-ratio-impact.md, ten thousand times as large. */
export const book: Book.Book = Book.of([
  position('a', 'long', { notional: 10_000_000, equity: 1_450_000 }),
  position('b', 'long', { notional: 5_000_000, equity: 1_200_000 }),
  position('c', 'short', { notional: 15_000_000, equity: 3_900_000 }),
])

export const reading: Reading.Reading = {
  book,
  market: Market.id('ETH-PERP'),
  bookHash: Hash.ofText(Book.canonical(book)),
  headroom: { long: 0n, short: 0n },
  initialPpm: 62_500,
  maintenancePpm: 50_000,
  impacts: { [Market.id('ETH-PERP')]: { kind: 'linear', slope: 1e-8 } },
  sigmaPpm: { forecast: 600_000, throughTheCycle: 500_000 },
  horizonSeconds: 86_400,
  ceiling: usd(1_000_000),
  brakeMaxPpm: 500_000,
  bonusPpm: 10_000,
}

const base: Inputs.Grant = {
  tier: 0,
  score: 600,
  pdPpm: 500_000,
  imDiscountPpm: 0,
  provenCap: 0n,
  tierCap: usd(500_000),
  reasons: [],
  modelHash: hash('score'),
  asOf: now,
  validUntil: now + 3_600,
}

/** What the participant has locked: 10,000 USDC. */
const holdings: Snapshot['views'] = new Map([
  [
    participantId,
    {
      lots: [
        {
          lotId: hash('lot'),
          chainId: 31_337_001,
          holder: account,
          asset: 'USDC',
          token: '0x00000000000000000000000000000000000000ee',
          venue: '0x00000000000000000000000000000000000000ff',
          custody: 'LOCKED',
          amount: 10_000_000_000n,
          pendingOut: 0n,
          decimals: 6,
          block: { number: 9n, hash: hash('block'), timestamp: now - 2 },
          price: { value: usd(1), confidence: 0n, publishedAt: now - 5 },
          haircuts: { assetPpm: 0, bridgePpm: 0, venuePpm: 0, agePpm: 0 },
        },
      ],
      missing: [],
    },
  ],
])

export function snapshot(change: Partial<Snapshot> = {}): Snapshot {
  const id = Market.id('ETH-PERP')
  return {
    takenAtMs: now * 1000,
    params,
    paramsHash: Hash.ofText(Inputs.canonicalParams(params)),
    chains: [{ chainId: 31_337_001, name: 'harbour', status: 'ok', code: null, blockNumber: 9n, blockTime: now - 2, sources: [] }],
    venues: new Map([[venue.id, venue]]),
    markets: new Map([
      [
        'ETH-PERP',
        {
          terms: {
            id,
            symbol: 'ETH-PERP',
            initial: { kind: 'flat', ppm: 50_000 },
            maintenance: { kind: 'flat', ppm: 20_000 },
            liquidity: { kind: 'flat', ppm: 2_000 },
            liquidationCostPpm: 5_000,
            caps: { side: usd(5_000_000), participant: usd(1_000_000) },
            wrongWay: { longPpm: 0, shortPpm: 0 },
          },
          price: { status: 'ok', index: usd(2_000), mark: usd(2_000), publishedAt: now - 5 },
          forecast: {
            status: 'ok',
            forecast: {
              source: 'champion',
              modelHash: hash('model'),
              asOf: now - 60,
              sigmaPpm: 600_000,
              closeOut: { longPpm: 98_000, shortPpm: 90_000 },
              liquidation: { longPpm: 20_000, shortPpm: 20_000 },
              throughTheCycle: { longPpm: 15_000, shortPpm: 15_000 },
            },
          },
          brake: Reading.brake(reading),
          reading: {
            status: 'ok',
            reading,
            sigma: { source: 'forecast', model: 'champion', modelHash: hash('model'), asOf: now - 60 },
            blocks: [{ venue: venue.id, number: 7n, timestamp: now - 3 }],
          },
          leverageRatioPpm: null,
          openInterest: { long: 0n, short: 0n },
          closing: [],
        },
      ],
    ]),
    views: holdings,
    firm: new Map([...holdings].map(([id, view]) => [id, { ...view, doubts: [], beside: [] }])),
    elsewhere: new Map(),
    claims: new Map([[`${hash('lot')}|${venue.id}`, 10_000_000_000n]]),
    standings: new Map([
      [
        participantId,
        {
          tier: 0,
          evidence: { without: 0, pieces: [] },
          score: 600,
          pdPpm: 500_000,
          points: [],
          raises: [],
          grants: new Map([['ETH-PERP', base]]),
          grantOf: (symbol) => (symbol === 'ETH-PERP' ? base : null),
        },
      ],
    ]),
    ceilings: new Map([[`${account}|${venue.id}|ETH-PERP`, usd(1_000_000)]]),
    assets: new Map([['USDC', null]]),
    ledger: {
      state: () => state(),
      encumbered: () => 0n,
      market: () => ({ openInterest: { long: 0n, short: 0n }, headroom: { long: 0n, short: 0n } }),
    },
    forecastBackend: 'wasm',
    ...change,
  }
}

export function state(change: Partial<LedgerState['ledger']> = {}): LedgerState {
  return {
    ledger: {
      version: 1n,
      otherEncumbrance: 0n,
      certificateCredit: 0n,
      position: { side: 'flat', notional: 0n },
      venueCollateral: 0n,
      unrealisedLoss: 0n,
      fees: 0n,
      otherRequirement: 0n,
      ...change,
    },
    openInterest: { long: 0n, short: 0n },
    headroom: { long: 0n, short: 0n },
    ownHeadroom: { long: 0n, short: 0n },
    damper: null,
    marginCall: false,
    beside: [],
  }
}

/** Figures of books, computed where they are asked for. */
export const figures: Services['figures'] = {
  fragility: async (reading, brake) => Fragility.of(reading, brake),
  clusters: async (reading, width) => LiquidationMap.of(reading, width),
  stress: async (reading, scenario) => WhatIf.simulate(reading, scenario),
}

/** Services over one snapshot. `issued` is what the ledger holds, by idempotency key. */
export function services(
  change: Partial<Services> = {},
  given: Snapshot = snapshot(),
): Services & { readonly issued: Map<string, Signed> } {
  const issued = new Map<string, Signed>()
  const documents = new Map<string, string>()
  return {
    issued,
    now: () => now * 1000,
    snapshot: () => given,
    fresh: () => given,
    include: async () => {},
    charge: async (client) => {
      if (client === 'spent') throw new RateLimitedError({ retryAfterSeconds: 7 })
    },
    auth: {
      domain: '127.0.0.1',
      uri: 'http://127.0.0.1',
      chainIds: [31_337_001],
      nonce: async () => 'n'.repeat(32),
      signIn: async ({ message }) => ({
        token: 'token',
        session: { ...session, account: (parseSiweMessage(message).address ?? account).toLowerCase() as Hex },
      }),
      signOut: async () => {},
      session: async () => session,
    },
    identity: {
      accounts: async () => [{ account: `eip155:0:${account}`, linkedAt: now - 100 }],
      owns: async (_, other) => other === account,
      prepareLink: async (_, { address, chainId }) => ({
        participantId,
        account: `eip155:${chainId}:${address}`,
        primary: `eip155:0:${account}`,
        nonce: hash('nonce'),
        issuedAt: now,
        expiresAt: now + 600,
      }),
      link: async () => {},
      unlink: async () => {},
      prepareMerge: async (_, { address, chainId }) => ({
        from: hash('other participant'),
        into: participantId,
        fromAccount: `eip155:${chainId}:${address}`,
        intoAccount: `eip155:0:${account}`,
        nonce: hash('nonce'),
        issuedAt: now,
        expiresAt: now + 600,
      }),
      merge: async () => {},
    },
    figures,
    scores: {
      change: (_, { from, to }) => ({
        modelHash: hash('score'),
        from: 600,
        to: from === to ? 600 : 630,
        lines: from === to ? [] : [{ code: 'GOOD_CLOSES', from: 60, to: 90, points: 30 }],
      }),
    },
    evidence: {
      policy: () => ({ scope: 'test', scopeHash: hash('test'), groups: [{ name: 'people', root: 7n }], worldId: null, trusts: [] }),
      attest: async () => null,
      submit: async (_, submission) =>
        submission.kind === 'semaphore'
          ? { status: 'recorded' }
          : { status: 'refused', code: submission.kind === 'worldId' ? 'NOT_SERVED' : 'WRONG_CHAIN' },
    },
    ledger: {
      issue: async (request, decide) => {
        const known = issued.get(request.idempotencyKey)
        if (known) return { status: 'issued', signed: known, replayed: true }
        const decision: Decision = await decide({ ...state(), sequence: BigInt(issued.size + 1) })
        if (decision.status === 'refuse') return { status: 'refused' }
        issued.set(request.idempotencyKey, decision.signed)
        documents.set(decision.signed.certificate.inputsHash, decision.document)
        return { status: 'issued', signed: decision.signed, replayed: false }
      },
      latest: async () => [...issued.values()].at(-1) ?? null,
      document: async (inputsHash) => documents.get(inputsHash) ?? null,
      marginCall: () => false,
    },
    signer: {
      kind: 'local',
      addresses: [signer.address.toLowerCase() as Hex],
      threshold: 1,
      sign: async ({ digest }) => [await signer.sign({ hash: digest })],
      uncounted: () => [],
    },
    events: async function* () {},
    version: '0.1.0',
    work: () => ({ holder: 'alone', gateways: 1, shards: [0], jobs: ['history'], fenced: 0 }),
    faults: () => [],
    ...change,
  }
}

/** What a certificate's digest is over, for recovering its signer. */
export function digestOf(signed: Signed): Hex {
  return Certificate.digest(signed.certificate, { chainId: signed.chainId, verifyingContract: signed.limitBook })
}
