/** What must hold after every step, each held against the world and not against what the gateway believes. */
import { Hash } from '@plimsoll/contracts'
import { Credit, Fixed, Inputs, type Limit } from '@plimsoll/margin'
import { Book, Certificates, type Database } from '@plimsoll/store'
import type { Random } from '@plimsoll/volatility'
import { recoverAddress } from 'viem'
import * as Gateway from './Gateway.ts'
import * as Venue from './Venue.ts'
import * as World from './World.ts'

type Hex = `0x${string}`

export type Code = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I9' | 'I10' | 'I11' | 'MONEY' | 'TWIN'
export type Violation = { readonly code: Code; readonly sentence: string }

/** What each stands for, for people. */
export const titles: Readonly<Record<Code, string>> = {
  I1: 'Σ encumbrance ≤ credit, and it covers what may be claimed',
  I2: 'sequences strictly rise',
  I3: 'no certificate on inputs older than allowed',
  I4: 'a partial view never raises a limit',
  I5: 'an account and a lot belong to one participant',
  I6: 'IM ≥ MM > 0, both finite',
  I7: 'worse inputs never raise a limit',
  I8: 'what was acknowledged is there',
  I9: 'replaying the document gives the same certificate',
  I10: 'no liquidation of the healthy, or at a stale price',
  I11: 'open interest + live headroom ≤ cap',
  MONEY: 'no cent is made or lost at a venue',
  TWIN: 'the contracts do what their model does',
}

export const codes = Object.keys(titles) as readonly Code[]

type Held = { readonly issue: Gateway.Issue; readonly id: string }

/** The limit function under test; the real one unless a test breaks it. */
export type LimitOf = (inputs: Inputs.Inputs) => Limit.Limit

export type Watch = {
  /** A certificate has been answered. */
  readonly issued: (issue: Gateway.Issue, after: Book.Book) => Promise<readonly Violation[]>
  /** The ledger has been brought up to the chains. */
  readonly observed: (args: {
    readonly book: Book.Book
    readonly owners: readonly Gateway.Owner[]
    readonly credit: (id: Hex) => bigint | null
  }) => readonly Violation[]
  readonly liquidated: (args: { readonly account: Hex; readonly view: Venue.AccountView; readonly fresh: boolean }) => readonly Violation[]
  readonly money: () => readonly Violation[]
  /** What was found where everything was done to contracts, too: null where they did the same. */
  readonly same: (findings: readonly (string | null)[]) => readonly Violation[]
  /** Everything acknowledged, or some of it. */
  readonly stored: (database: Database.Database, count: number) => Promise<readonly Violation[]>
  readonly counts: ReadonlyMap<Code, number>
  /** Certificates that may still be posted, newest last. */
  readonly open: (seat: string) => readonly Gateway.Issue[]
}

export function of(args: { readonly world: World.World; readonly random: Random.Random; readonly limitOf: LimitOf }): Watch {
  const { world, random, limitOf } = args
  const counts = new Map<Code, number>(codes.map((code) => [code, 0]))
  const held: Held[] = []
  const answered = new Set<string>()
  const bySeat = new Map<string, Gateway.Issue[]>()
  const sequences = new Map<string, bigint>()
  const check = (code: Code, holds: boolean, sentence: () => string): readonly Violation[] => {
    counts.set(code, (counts.get(code) ?? 0) + 1)
    return holds ? [] : [{ code, sentence: sentence() }]
  }

  const issued: Watch['issued'] = async (issue, after) => {
    const { signed, document, owner, pier, before } = issue
    const { certificate } = signed
    const seat = seatOf(issue)
    const id = `${seat} ${certificate.sequence}`
    if (issue.replayed)
      return [
        ...check('I8', answered.has(id), () => `A key answered ${id}, which was never acknowledged.`),
        ...check('I2', certificate.sequence <= (sequences.get(seat) ?? 0n), () => `A replay of ${seat} is ahead of its own sequence.`),
      ]
    const last = sequences.get(seat) ?? 0n
    const found: Violation[] = [...check('I2', certificate.sequence > last, () => `${seat}: ${certificate.sequence} after ${last}.`)]
    sequences.set(seat, certificate.sequence)
    answered.add(id)
    held.push({ issue, id })
    if (held.length > 4_000) held.splice(0, 1_000)
    bySeat.set(seat, [...(bySeat.get(seat) ?? []), issue].slice(-8))

    const inputs = Inputs.parse(document)
    const limit = limitOf(inputs)
    const granted = limit.granted
    const same =
      granted?.status === 'granted' &&
      granted.credit === certificate.credit &&
      granted.maxNotional === certificate.maxNotional &&
      granted.imPpm === certificate.imPpm &&
      Hash.ofText(document) === certificate.inputsHash
    found.push(...check('I9', same, () => `${id}: the document gives ${JSON.stringify(granted, text)}.`))
    if (random.uniform() < 0.05) {
      const [signature] = signed.signatures
      const by = await recoverAddress({ hash: Gateway.digest(signed), signature: signature ?? '0x' })
      found.push(...check('I9', by.toLowerCase() === Gateway.signedBy, () => `${id} is signed by ${by}.`))
    }
    const { imPpm, mmPpm } = limit
    const sound = imPpm >= mmPpm && mmPpm > 0 && Number.isSafeInteger(imPpm)
    found.push(...check('I6', sound, () => `${id}: IM ${imPpm}, MM ${mmPpm}.`))

    // Credit counted anew from what the chains show now, by the world's clock and no other.
    const counted = Credit.of(inputs.view.lots, inputs.params, world.now)
    // A cut raises nothing, whatever another certificate of the same key did in the same moment.
    const raises = certificate.maxNotional > inputs.ledger.position.notional && enc(after, issue) > enc(before, issue)
    const bound = Book.encumbered(after, owner.participantId)
    if (raises) {
      found.push(
        ...check('I1', bound <= counted.total, () => `${id} binds ${bound} of ${counted.total}.`),
        ...check('I3', Math.abs(world.now - inputs.asOf) <= 15, () => `${id}: issued at ${inputs.asOf}, and it is ${world.now}.`),
        ...check('I3', agesOf(inputs, world.now), () => `${id}: a price or a forecast is older than allowed.`),
      )
      for (const side of ['long', 'short'] as const) {
        const now = after.markets.get(Book.marketId(pier.chain.chainId, certificate.market as Hex))
        const then = before.markets.get(Book.marketId(pier.chain.chainId, certificate.market as Hex))
        const total = (now?.openInterest[side] ?? 0n) + (now?.headroom[side] ?? 0n)
        const rose = (now?.headroom[side] ?? 0n) > (then?.headroom[side] ?? 0n)
        if (rose) found.push(...check('I11', total <= World.sideCap, () => `${id}: ${side} ${total} is above ${World.sideCap}.`))
      }
    }
    if (random.uniform() < 0.25) found.push(...relative(inputs, limit, id))
    return found
  }

  /** The same document, with less known or with worse known. */
  const relative = (inputs: Inputs.Inputs, limit: Limit.Limit, id: string): readonly Violation[] => {
    const [lot] = inputs.view.lots
    const without = lot?.chainId ?? 0
    const partial: Inputs.Inputs = {
      ...inputs,
      view: {
        lots: inputs.view.lots.filter(({ chainId }) => chainId !== without),
        missing: [...inputs.view.missing, ...(lot ? [{ chainId: without, code: 'RPC_QUORUM_LOST' }] : [])],
      },
    }
    const worse = worseOf(inputs, random)
    return [
      ...check('I4', limitOf(partial).notional <= limit.notional, () => `${id}: more without chain ${without} than with it.`),
      ...check('I7', limitOf(worse.inputs).notional <= limit.notional, () => `${id}: more with ${worse.what}.`),
    ]
  }

  return {
    counts,
    issued,
    open: (seat) => bySeat.get(seat) ?? [],
    observed: ({ book, owners, credit }) => {
      const found: Violation[] = []
      for (const { participantId } of owners) {
        const known = book.participants.get(participantId)
        const total = credit(participantId)
        if (!known || total === null) continue
        const bound = Book.encumbered(book, participantId)
        found.push(
          ...check('I1', bound <= total || known.marginCall, () => `${participantId} has ${total}, binds ${bound}, is not called.`),
        )
      }
      const seen = new Map<Hex, Hex>()
      for (const { participantId, accounts } of owners)
        for (const account of accounts) {
          const other = seen.get(account)
          found.push(...check('I5', other === undefined, () => `${account} is ${other}'s and ${participantId}'s.`))
          seen.set(account, participantId)
        }
      found.push(...claims({ world, book, owners, open: (seat) => bySeat.get(seat) ?? [] }, check))
      return found
    },
    liquidated: ({ account, view, fresh }) => [
      ...check('I10', view.equity < view.mm, () => `${account} was liquidated with ${view.equity} over ${view.mm}.`),
      ...check('I10', fresh, () => `${account} was liquidated at a stale price.`),
    ],
    money: () =>
      world.piers.flatMap((pier) => {
        const leak = World.leak(world, pier)
        return check('MONEY', leak === 0n, () => `Venue ${pier.chain.chainId} is off by ${leak}.`)
      }),
    same: (findings) => findings.flatMap((finding) => check('TWIN', finding === null, () => finding ?? '')),
    stored: async (database, count) => {
      const found: Violation[] = []
      for (let i = 0; i < Math.min(count, held.length); i++) {
        const { issue, id } = held[held.length - 1 - Math.floor(random.uniform() * Math.min(held.length, 400))] as Held
        const text = await Certificates.document(database, issue.signed.certificate.inputsHash)
        found.push(...check('I8', text === issue.document, () => `${id} was acknowledged, and its document is not there.`))
      }
      return found
    },
  }
}

/** One key and market. */
export function seatOf({ account, pier, signed }: Pick<Gateway.Issue, 'account' | 'pier' | 'signed'>): string {
  return `${account}|${pier.chain.chainId}|${signed.certificate.market}`
}

function enc(book: Book.Book, { owner, account, pier }: Gateway.Issue): bigint {
  const venue = { chainId: pier.chain.chainId, address: pier.address }
  return book.participants.get(owner.participantId)?.keys.get(Book.keyId({ account, venue }))?.encumbrance ?? 0n
}

/** Whatever could still be posted is bound, key by key. */
function claims(
  args: {
    readonly world: World.World
    readonly book: Book.Book
    readonly owners: readonly Gateway.Owner[]
    readonly open: (seat: string) => readonly Gateway.Issue[]
  },
  check: (code: Code, holds: boolean, sentence: () => string) => readonly Violation[],
): readonly Violation[] {
  const { world, book, owners, open } = args
  return world.piers.flatMap((pier) => {
    const { state, timestamp } = pier.chain.final()
    return owners.flatMap(({ participantId, accounts }) =>
      accounts.flatMap((account) => {
        let claim = 0n
        for (const { market } of world.terms) {
          const accepted = state.accepted.get(Venue.key(account, market))?.sequence ?? 0n
          for (const issue of open(`${account}|${pier.chain.chainId}|${market}`)) {
            const { sequence, expiresAt, credit } = issue.signed.certificate
            const own = issue.owner.participantId === participantId
            if (own && sequence >= accepted && Number(expiresAt) >= timestamp) claim = Fixed.max(claim, credit)
          }
        }
        if (claim === 0n) return []
        const venue = { chainId: pier.chain.chainId, address: pier.address }
        const bound = book.participants.get(participantId)?.keys.get(Book.keyId({ account, venue }))?.encumbrance ?? 0n
        return check('I1', bound >= claim, () => `${account} may claim ${claim} at ${venue.chainId}, and ${bound} is bound.`)
      }),
    )
  })
}

/** Price and forecast by the world's clock; what a view is too old for counts nothing already. */
function agesOf({ market, forecast, params }: Inputs.Inputs, now: number): boolean {
  return now - market.price.publishedAt <= params.maxPriceAgeSeconds + 15 && now - forecast.asOf <= params.maxForecastAgeSeconds + 15
}

function worseOf(inputs: Inputs.Inputs, random: Random.Random): { readonly what: string; readonly inputs: Inputs.Inputs } {
  const { forecast, view, brake, ledger } = inputs
  const ways: readonly (() => { readonly what: string; readonly inputs: Inputs.Inputs })[] = [
    () => {
      const up = ({ longPpm, shortPpm }: Inputs.Quantile) => ({ longPpm: Math.min(1_000_000, longPpm * 2), shortPpm: shortPpm * 2 })
      return { what: 'twice the quantile', inputs: { ...inputs, forecast: { ...forecast, closeOut: up(forecast.closeOut) } } }
    },
    () => {
      const lots = view.lots.map((lot) => ({ ...lot, price: { ...lot.price, value: (lot.price.value * 9n) / 10n } }))
      return { what: 'collateral a tenth cheaper', inputs: { ...inputs, view: { ...view, lots } } }
    },
    () => {
      const lots = view.lots.map((lot) => ({ ...lot, haircuts: { ...lot.haircuts, bridgePpm: lot.haircuts.bridgePpm + 50_000 } }))
      return { what: 'a bridge haircut', inputs: { ...inputs, view: { ...view, lots } } }
    },
    () => {
      const more = (steps: readonly Inputs.Step[]) => steps.map((step) => ({ ...step, ppm: step.ppm + 100_000 }))
      return { what: 'more brake', inputs: { ...inputs, brake: { ...brake, long: more(brake.long), short: more(brake.short) } } }
    },
    () => {
      const otherEncumbrance = ledger.otherEncumbrance + 100n * Fixed.one
      return { what: 'more bound elsewhere', inputs: { ...inputs, ledger: { ...ledger, otherEncumbrance } } }
    },
  ]
  return (ways[Math.floor(random.uniform() * ways.length)] as (typeof ways)[number])()
}

function text(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}` : value
}
