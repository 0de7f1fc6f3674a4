/** Who asks for limits, posts them, and trades on them. */
import { Fixed } from '@plimsoll/margin'
import { Ledger } from '@plimsoll/store'
import * as Course from './Course.ts'
import type * as Gateway from './Gateway.ts'
import type * as Invariants from './Invariants.ts'
import * as Venue from './Venue.ts'

export function steps(course: Course.Course): Course.Steps {
  const { database, gateways, watch, random, pick } = course
  const keys: Gateway.Request[] = []
  const asked = (): Gateway.Request => {
    const notional = random.uniform() < 0.1 ? 0n : Course.usd(course, 120_000)
    const request = { ...Course.seat(course), notional, idempotencyKey: `k${course.serial()}` }
    keys.push(request)
    if (keys.length > 200) keys.shift()
    return request
  }
  return {
    tick: { weight: 12, run: () => Course.tick(course, pick(gateways)) },
    issue: { weight: 18, run: () => answer(course, pick(gateways), asked()) },
    twice: { weight: 3, run: () => twice(course, [asked(), asked()]) },
    again: {
      weight: 3,
      run: async () => {
        if (keys.length === 0) return []
        const request = pick(keys)
        return answer(course, pick(gateways), random.uniform() < 0.2 ? { ...request, notional: request.notional + 1n } : request)
      },
    },
    post: { weight: 14, run: async () => post(course) },
    trade: { weight: 16, run: async () => trade(course) },
    cash: { weight: 3, run: async () => cash(course) },
    stored: { weight: 1, run: () => watch.stored(database, 5) },
  }
}

async function answer(course: Course.Course, gateway: Gateway.Gateway, request: Gateway.Request): Promise<readonly Invariants.Violation[]> {
  const { note, watch, database } = course
  const got = await gateway.issue(request)
  note(got.status === 'issued' ? (got.issue.replayed ? 'replayed' : 'issued') : got.code)
  return got.status === 'issued' ? watch.issued(got.issue, await Ledger.snapshot(database)) : []
}

/** One participant at two venues, through two gateways, at once. */
async function twice(course: Course.Course, [one, two]: readonly [Gateway.Request, Gateway.Request]) {
  const { gateways, database, watch, note, pick } = course
  const other = { ...two, owner: one.owner, account: pick(one.owner.accounts), idempotencyKey: `${two.idempotencyKey}'` }
  // Both know the same, so that what is bound changes by what is issued and nothing else.
  for (const gateway of gateways) await gateway.tick()
  const got = await Promise.all([gateways[0]?.issue(one), gateways[1]?.issue(other)])
  const after = await Ledger.snapshot(database)
  const found: Invariants.Violation[] = []
  // In the order in which the ledger took them, which is not the order in which they were asked.
  const both = got.flatMap((each) => (each?.status === 'issued' ? [each.issue] : []))
  both.sort((a, b) => Number(a.signed.certificate.sequence - b.signed.certificate.sequence))
  for (const each of both) found.push(...(await watch.issued(each, after)))
  note(`twice ${both.length}`)
  return found
}

function post(course: Course.Course): readonly Invariants.Violation[] {
  const { world, watch, random, note, pick } = course
  const at = Course.likely(course, (seat) => {
    const last = watch.open(Course.seatId(course, seat)).at(-1)?.signed.certificate
    return last !== undefined && Number(last.expiresAt) >= world.now && last.sequence > (Course.acceptedAt(course, seat)?.sequence ?? 0n)
  })
  const all = watch.open(Course.seatId(course, at))
  const issue = random.uniform() < 0.8 ? all.at(-1) : pick(all)
  if (!issue) return []
  const { signed } = issue
  // Now and then with a figure of the poster's own: the signature is then nobody's.
  const genuine = random.uniform() >= 0.03
  const { certificate } = signed
  const shown = genuine ? certificate : { ...certificate, maxNotional: certificate.maxNotional * 2n + 1n }
  const taken = Course.put(course, at.pier, { kind: 'accept', genuine, signed: { certificate: shown, signatures: signed.signatures } })
  note(taken ? 'accepted' : 'not accepted')
  return []
}

function trade(course: Course.Course): readonly Invariants.Violation[] {
  const { world, watch, random, note, whole } = course
  const at = Course.likely(course, (seat) => (Course.acceptedAt(course, seat)?.expiresAt ?? 0) >= world.now)
  const { account, pier } = at
  const market = Course.marketOf(course, at.symbol)
  const { price } = world.quotes.get(market) as Venue.Quote
  const held = Venue.position(pier.chain.latest().state, account, market).size
  const closes = held !== 0n && random.uniform() < 0.4
  // As much as the certificate says, or any amount.
  const most = Course.acceptedAt(course, at)?.maxNotional ?? 0n
  const wanted = random.uniform() < 0.6 && most > 0n ? (most * BigInt(95 + whole(6))) / 100n : Course.usd(course, 60_000)
  const some = Fixed.mulDiv(wanted, Fixed.one, price, 'down') * (random.uniform() < 0.5 ? 1n : -1n)
  const size = closes ? (random.uniform() < 0.5 ? -held : -held / 2n) : some
  const kind = closes && random.uniform() < 0.5 ? 'reduce' : 'trade'
  note(Course.put(course, pier, { kind, account, market, size }) ? 'traded' : 'not admitted')
  return watch.money()
}

function cash(course: Course.Course): readonly Invariants.Violation[] {
  const { world, watch, random } = course
  const { account, pier } = Course.seat(course)
  const amount = Course.usd(course, 3_000)
  const flow = world.flows.get(pier.chain.chainId) ?? 0n
  const kind = random.uniform() < 0.6 ? 'deposit' : 'withdraw'
  if (Course.put(course, pier, { kind, account, amount }))
    world.flows.set(pier.chain.chainId, kind === 'deposit' ? flow + amount : flow - amount)
  return watch.money()
}
