/**
 * The ledger against a venue that does whatever a contract would allow.
 *
 * The venue below is the truth: certificates are posted late or never, positions opened, turned round and closed, blocks
 * become final after a while and are read in any order, or not at all. Whatever happens, what the ledger holds bound must
 * cover what could still be claimed on the venue (I1), and what it holds reserved must cover what could still be opened (I11).
 */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as Audit from './Audit.ts'
import * as Book from './Book.ts'
import type { Database } from './Database.ts'
import * as Ledger from './Ledger.ts'
import type * as Observation from './Observation.ts'
import * as Participants from './Participants.ts'
import * as Desk from './testing/Desk.ts'
import { engines, type Running } from './testing/Engines.ts'

const runs = Math.max(1, Math.floor(Number(process.env['PLIMSOLL_RUNS'] ?? 1000) / 50))
/** Of the short walk, so that it comes by every door each time; the deep one draws its own. */
const seed = 20_261_124
const credit = 1_000n
const cap = 12_000n
const imPpm = 100_000
const ttl = 300
const finality = 2

type Issued = { readonly sequence: bigint; readonly maxNotional: bigint; readonly credit: bigint; readonly expiresAt: number }
type Seat = { readonly account: number; readonly venue: number; readonly market: number }
type Spot = { accepted: Issued | null; notional: bigint; side: 'long' | 'short' }
type Block = {
  readonly number: number
  readonly timestamp: number
  readonly spots: ReadonlyMap<string, Spot>
  readonly credits: ReadonlyMap<string, bigint>
}

const seats: readonly Seat[] = [0, 1, 2].flatMap((account) =>
  [0, 1].flatMap((venue) => [0, 1].map((market) => ({ account, venue, market }))),
)
const spotId = (seat: Seat) => `${seat.account} ${seat.venue} ${seat.market}`
const keyId = (seat: Seat) => `${seat.account} ${seat.venue}`
const seat = fc.constantFrom(...seats)
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('issue' as const), seat, notional: fc.bigInt(0n, 12_000n) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('post' as const), seat, back: fc.nat(2) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('trade' as const),
      seat,
      share: fc.nat(100),
      side: fc.constantFrom('long' as const, 'short' as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('mine' as const), seconds: fc.constantFrom(1, 60, 299, 300, 301) }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('observe' as const), venue: fc.nat(1), accounts: fc.subarray([0, 1, 2]), back: fc.nat(3) }),
  },
)

/** A venue that admits what LimitGuarded admits, and the chain below it. */
class Venue {
  readonly issued = new Map<string, Issued[]>()
  readonly spots = new Map<string, Spot>(seats.map((at) => [spotId(at), { accepted: null, notional: 0n, side: 'long' }]))
  readonly credits = new Map<string, bigint>()
  readonly blocks: Block[] = []
  time = Desk.noon

  constructor() {
    this.mine(1)
    this.mine(1)
    this.mine(1)
  }

  mine(seconds: number): void {
    this.time += seconds
    const spots = new Map([...this.spots].map(([id, spot]) => [id, { ...spot }]))
    this.blocks.push({ number: this.blocks.length + 1, timestamp: this.time, spots, credits: new Map(this.credits) })
  }

  spot(at: Seat): Spot {
    return this.spots.get(spotId(at)) as Spot
  }

  post(at: Seat, certificate: Issued): void {
    const spot = this.spot(at)
    if (this.time > certificate.expiresAt || certificate.sequence <= (spot.accepted?.sequence ?? 0n)) return
    spot.accepted = certificate
    const held = this.credits.get(keyId(at)) ?? 0n
    this.credits.set(keyId(at), certificate.credit > held ? certificate.credit : held)
  }

  /** Moves towards a share of what the certificate allows, where margin allows it; down is always allowed. */
  trade(at: Seat, share: number, side: 'long' | 'short'): void {
    const spot = this.spot(at)
    const live = spot.accepted !== null && this.time <= spot.accepted.expiresAt ? spot.accepted : null
    const wanted = ((live?.maxNotional ?? spot.notional) * BigInt(share)) / 100n
    const reduces = side === spot.side && wanted <= spot.notional
    const others = seats.filter((other) => keyId(other) === keyId(at) && other.market !== at.market)
    const requirement = others.reduce((sum, other) => sum + required(this.spot(other).notional), required(wanted))
    if (!reduces && (live === null || requirement > (this.credits.get(keyId(at)) ?? 0n))) return
    spot.notional = wanted
    spot.side = side
  }

  /** What could still be opened here: every certificate that is live, or might still be posted. */
  open(at: Seat): readonly Issued[] {
    const accepted = this.spot(at).accepted?.sequence ?? 0n
    return (this.issued.get(spotId(at)) ?? []).filter(({ sequence, expiresAt }) => sequence >= accepted && this.time <= expiresAt)
  }

  /** The most the account's key may claim from now on, without a certificate more. */
  claim(at: Seat): bigint {
    const own = seats.filter((other) => keyId(other) === keyId(at))
    const standing = own.reduce((sum, other) => sum + required(this.spot(other).notional), 0n)
    const live = own.flatMap((other) => this.open(other))
    return greatest([standing, ...live.map(({ credit: bound }) => bound)])
  }

  reach(at: Seat, side: 'long' | 'short'): bigint {
    const { notional, side: own } = this.spot(at)
    return greatest([own === side ? notional : 0n, ...this.open(at).map(({ maxNotional }) => maxNotional)])
  }
}

function greatest(amounts: readonly bigint[]): bigint {
  let most = 0n
  for (const amount of amounts) if (amount > most) most = amount
  return most
}

function required(notional: bigint): bigint {
  return (notional * BigInt(imPpm) + 999_999n) / 1_000_000n
}

for (const engine of engines)
  describe.skipIf(engine.absent)(`the ledger against a venue, ${engine.title}`, () => {
    let running: Running
    let database: Database
    let time = Desk.noon
    let run = 0
    const outcomes: Record<string, number> = {}

    beforeAll(async () => {
      running = await engine.start()
      database = await running.open({ clock: () => time })
    })
    afterAll(async () => {
      await database.close()
      await running.stop()
    })

    it('property: what is bound covers what may be claimed, what is reserved covers what may be opened', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 45 }), async (steps) => {
          const id = `${engine.name.slice(0, 1)}${++run}`
          const chainId = 1_000 + run
          const venue = new Venue()
          const names = [0, 1, 2].map((account) => `${id} ${account}`)
          // Accounts 0 and 1 are one participant's: its credit stands behind both.
          const one = await Desk.join(database, names[0] ?? '')
          await Participants.link(database, { participantId: one, account: Desk.accountId(names[1] ?? '') })
          const owners = [one, one, await Desk.join(database, names[2] ?? '')]
          const place = (index: number) => ({ chainId, address: Desk.hex(`venue ${index}`, 20) })
          const market = (index: number) => Desk.hex(`market ${id} ${index}`, 32)
          const observe = (block: Block, at: number, accounts: readonly number[]) => {
            const reads = accounts.map((account): Observation.AccountRead => {
              const positions = [0, 1].map((index) => {
                const { notional, side, accepted } = block.spots.get(spotId({ account, venue: at, market: index })) as Spot
                const flat = notional === 0n ? ('flat' as const) : side
                return {
                  market: market(index),
                  side: flat,
                  notional,
                  requirement: required(notional),
                  acceptedSequence: accepted?.sequence ?? 0n,
                }
              })
              const held = block.credits.get(`${account} ${at}`) ?? 0n
              return {
                account: Desk.account(names[account] ?? ''),
                venueCollateral: 0n,
                unrealisedLoss: 0n,
                fees: 0n,
                credit: held,
                positions,
              }
            })
            const { number, timestamp } = block
            return Ledger.observe(database, {
              ...{
                chainId,
                venue: place(at).address,
                block: { number: BigInt(number), hash: Desk.hex(`${id} ${number}`, 32), timestamp },
                accounts: reads,
              },
            })
          }
          for (const at of [0, 1]) await observe(venue.blocks[0] as Block, at, [0, 1, 2])

          for (const [index, taken] of steps.entries()) {
            time = venue.time
            if (taken.kind === 'mine') venue.mine(taken.seconds)
            if (taken.kind === 'trade') venue.trade(taken.seat, taken.share, taken.side)
            if (taken.kind === 'post') {
              const certificate = venue.issued.get(spotId(taken.seat))?.at(-1 - taken.back)
              if (certificate) venue.post(taken.seat, certificate)
            }
            if (taken.kind === 'observe') {
              const block = venue.blocks.at(-1 - finality - taken.back)
              if (block) await observe(block, taken.venue, taken.accounts)
            }
            if (taken.kind === 'issue') {
              const { seat: at, notional } = taken
              const subject = { participantId: owners[at.account] ?? '0x', venue: place(at.venue) } as const
              const request = {
                ...subject,
                account: Desk.account(names[at.account] ?? ''),
                market: { id: market(at.market), sideCap: cap },
                idempotencyKey: `${index}`,
              }
              const expiresAt = venue.time + ttl
              const issued = await Ledger.issue(database, { ...request, bodyHash: Desk.hex(`${index}`, 32) }, async (state) => {
                const needed = required(notional) + state.ledger.otherRequirement
                const bound = greatest([needed, state.ledger.certificateCredit])
                const ask = {
                  participantId: subject.participantId,
                  name: names[at.account] ?? '',
                  venue: '',
                  market: '',
                  key: `${id} ${index}`,
                  credit: bound,
                  total: credit,
                }
                const made = Desk.decision({ ...ask, maxNotional: notional, imPpm, issuedAt: venue.time, expiresAt }, state)
                return {
                  ...made,
                  signed: {
                    ...made.signed,
                    chainId,
                    certificate: { ...made.signed.certificate, venue: place(at.venue).address, market: market(at.market) },
                  },
                }
              }).catch((error: { code?: string }) => {
                expect(['CREDIT_ENCUMBERED', 'MARKET_CAP_EXCEEDED']).toContain(error.code)
                return { status: String(error.code) } as const
              })
              outcomes[issued.status] = (outcomes[issued.status] ?? 0) + 1
              if (issued.status === 'issued') {
                const { sequence, maxNotional, credit: bound } = (issued as Extract<Ledger.Issued, { status: 'issued' }>).signed.certificate
                const before = venue.issued.get(spotId(at)) ?? []
                expect(sequence).toBe((before.at(-1)?.sequence ?? 0n) + 1n)
                venue.issued.set(spotId(at), [...before, { sequence, maxNotional, credit: bound, expiresAt }])
              }
            }

            const book = await Ledger.snapshot(database)
            for (const owner of new Set(owners)) expect(Book.encumbered(book, owner)).toBeLessThanOrEqual(credit)
            for (const at of seats) {
              const key = book.participants
                .get(owners[at.account] ?? '0x')
                ?.keys.get(Book.keyId({ account: Desk.account(names[at.account] ?? ''), venue: place(at.venue) }))
              expect(key?.encumbrance).toBeGreaterThanOrEqual(venue.claim(at))
            }
            for (const side of ['long', 'short'] as const)
              for (const at of [0, 1]) {
                const { openInterest, headroom } = book.markets.get(Book.marketId(chainId, market(at))) as Book.Market
                const reach = seats.filter(({ market: own }) => own === at).reduce((sum, own) => sum + venue.reach(own, side), 0n)
                expect(openInterest[side] + headroom[side]).toBeLessThanOrEqual(cap)
                expect(openInterest[side] + headroom[side]).toBeGreaterThanOrEqual(reach)
              }
          }
          expect(await Audit.audit(database)).toEqual([])
        }),
        { numRuns: runs, ...(process.env.PLIMSOLL_RUNS === undefined ? { seed } : {}) },
      )
      // The walk must come by every door, or it has shown nothing.
      if (runs >= 20) expect(Object.keys(outcomes).sort()).toEqual(['CREDIT_ENCUMBERED', 'MARKET_CAP_EXCEEDED', 'issued'])
    }, 120_000)
  })
