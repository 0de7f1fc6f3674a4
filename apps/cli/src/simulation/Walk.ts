/** A random walk through everything that can happen, held against the invariants at every step. The seed is the whole story. */
import { Fixed, Limit } from '@plimsoll/margin'
import { type Database, Ledger, Participants } from '@plimsoll/store'
import { Random } from '@plimsoll/volatility'
import * as Chain from './Chain.ts'
import * as Gateway from './Gateway.ts'
import * as Harbour from './Harbour.ts'
import * as Invariants from './Invariants.ts'
import * as Venue from './Venue.ts'
import * as World from './World.ts'

type Hex = `0x${string}`

export type Outcome = {
  readonly seed: number
  readonly steps: number
  /** The step at which the walk stopped, with what was broken; null where nothing was. */
  readonly violation: (Invariants.Violation & { readonly step: number; readonly kind: string }) | null
  /** How often each invariant was looked at. */
  readonly checks: Readonly<Record<Invariants.Code, number>>
  /** What happened, by kind and by answer. */
  readonly events: Readonly<Record<string, number>>
  /** Of the whole walk: two walks of one seed have one. */
  readonly fingerprint: string
}

export type Options = {
  readonly seed: number
  readonly steps: number
  readonly database: (clock: () => number) => Promise<Database.Database>
  readonly machine?:
    | Partial<Gateway.Machine & { readonly limitOf: Invariants.LimitOf; readonly venueSees: (sea: Venue.Sea) => Venue.Sea }>
    | undefined
  readonly progress?: ((done: number) => void) | undefined
}

const start = 1_800_000_000

/** Walks until the steps are done or something is broken. @throws what no rule foresees: a fault in itself. */
export async function walk(options: Options): Promise<Outcome> {
  const { seed, steps, machine: broken = {} } = options
  const random = Random.of(seed, 'walk')
  const world = World.of(start)
  await using database = await options.database(() => world.now)
  const machine: Gateway.Machine = { ...Gateway.machine, ...broken }
  const { limitOf = Limit.of } = broken
  const watch = Invariants.of({ world, random: Random.of(seed, 'watch'), limitOf })

  const owners: { participantId: Hex; accounts: Hex[] }[] = []
  for (let i = 0; i < 5; i++) {
    const first = World.accounts[i] as Hex
    const participantId: Hex = `0x${(i + 1).toString(16).padStart(64, '0')}`
    await Participants.ensure(database, { account: `eip155:0:${first}`, participantId })
    owners.push({ participantId, accounts: [first] })
  }
  for (const [i, account] of World.accounts.slice(5).entries()) {
    const owner = owners[i % 3] as (typeof owners)[number]
    await Participants.link(database, { participantId: owner.participantId, account: `eip155:0:${account}` })
    owner.accounts.push(account)
  }
  // Two gateways on one ledger, each with a snapshot of its own.
  const gateways = [0, 1].map(() => Gateway.open({ world, database, owners: () => owners, machine }))
  const events: Record<string, number> = {}
  let digest = 0
  const note = (event: string) => {
    events[event] = (events[event] ?? 0) + 1
    for (let i = 0; i < event.length; i++) digest = (Math.imul(digest, 31) + event.charCodeAt(i)) >>> 0
    digest = (Math.imul(digest, 31) + world.now) >>> 0
  }

  const pick = <T>(all: readonly T[]): T => all[Math.floor(random.uniform() * all.length)] as T
  const whole = (n: number) => Math.floor(random.uniform() * n)
  const usd = (most: number) => BigInt(1 + whole(most)) * Fixed.one
  const keys: Gateway.Request[] = []
  let serial = 0
  const seat = () => {
    const owner = pick(owners)
    return { owner, account: pick(owner.accounts), pier: pick(world.piers), symbol: pick(world.symbols) }
  }
  const seats = () =>
    owners.flatMap((owner) =>
      owner.accounts.flatMap((account) => world.piers.flatMap((pier) => world.symbols.map((symbol) => ({ owner, account, pier, symbol })))),
    )
  type Seat = ReturnType<typeof seat>
  /** Mostly one where something can happen. */
  const likely = (lives: (at: Seat) => boolean): Seat => {
    const living = random.uniform() < 0.85 ? seats().filter(lives) : []
    return living.length > 0 ? pick(living) : seat()
  }
  const marketOf = (symbol: string) => world.terms[world.symbols.indexOf(symbol)]?.market as Hex
  const seatId = ({ account, pier, symbol }: Seat) => `${account}|${pier.chain.chainId}|${marketOf(symbol)}`
  const acceptedAt = ({ account, pier, symbol }: Seat) => pier.chain.latest().state.accepted.get(Venue.key(account, marketOf(symbol)))
  const put = (pier: World.Pier, change: (state: Venue.Venue, sea: Venue.Sea) => Venue.Venue) => {
    const before = pier.chain.latest().state
    pier.chain.mine(world.now, (state) => change(state, World.sea(world)))
    return pier.chain.latest().state !== before
  }

  const answer = async (gateway: Gateway.Gateway, request: Gateway.Request): Promise<readonly Invariants.Violation[]> => {
    const got = await gateway.issue(request)
    note(got.status === 'issued' ? (got.issue.replayed ? 'replayed' : 'issued') : got.code)
    return got.status === 'issued' ? watch.issued(got.issue, await Ledger.snapshot(database)) : []
  }
  const asked = (): Gateway.Request => {
    const request = { ...seat(), notional: random.uniform() < 0.1 ? 0n : usd(120_000), idempotencyKey: `k${serial++}` }
    keys.push(request)
    if (keys.length > 200) keys.shift()
    return request
  }

  const tick = async (gateway: Gateway.Gateway): Promise<readonly Invariants.Violation[]> => {
    await gateway.tick()
    const book = gateway.book()
    if (book === null || !world.piers.every(({ chain }) => World.readable(world, chain.chainId))) return []
    return watch.observed({ book, owners, credit: gateway.credit })
  }

  const kinds: Readonly<Record<string, { readonly weight: number; readonly run: () => Promise<readonly Invariants.Violation[]> }>> = {
    time: {
      weight: 24,
      run: async () => {
        World.pass(world, 1 + whole(random.uniform() < 0.05 ? 240 : 20))
        return []
      },
    },
    tick: { weight: 12, run: () => tick(pick(gateways)) },
    price: {
      weight: 10,
      run: async () => {
        const wide = random.uniform() < 0.06 ? 0.2 : 0.006
        World.move(world, pick(world.terms).market, Math.round(1_000_000 * Math.exp(wide * random.normal())))
        return []
      },
    },
    volatility: {
      weight: 2,
      run: async () => {
        world.quantiles.set(pick(world.symbols), 20_000 + whole(180_000))
        return []
      },
    },
    deposit: {
      weight: 5,
      run: async () => {
        const { chain, asset } = pick(world.docks)
        const account = pick(pick(owners).accounts)
        const amount = asset.decimals === 6 ? BigInt(1 + whole(30_000)) * 10n ** 6n : BigInt(1 + whole(10)) * Fixed.one
        chain.mine(world.now, (state) => Harbour.deposit(state, account, amount))
        return []
      },
    },
    leave: {
      weight: 2,
      run: async () => {
        const { chain } = pick(world.docks)
        const account = pick(pick(owners).accounts)
        const go = random.uniform() < 0.7 ? Harbour.requestEscape : Harbour.leave
        chain.mine(world.now, (state) => go(state, account, world.now))
        return []
      },
    },
    sail: {
      weight: 0.02,
      run: async () => {
        World.pass(world, Harbour.escapeSeconds)
        return []
      },
    },
    release: { weight: 2, run: () => release() },
    issue: { weight: 18, run: () => answer(pick(gateways), asked()) },
    twice: {
      weight: 3,
      // One participant at two venues, through two gateways, at once.
      run: async () => {
        const [one, two] = [asked(), asked()]
        const other = { ...two, owner: one.owner, account: pick(one.owner.accounts) }
        keys.pop()
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
      },
    },
    again: {
      weight: 3,
      run: async () => {
        if (keys.length === 0) return []
        const request = pick(keys)
        return answer(pick(gateways), random.uniform() < 0.2 ? { ...request, notional: request.notional + 1n } : request)
      },
    },
    post: {
      weight: 14,
      run: async () => {
        const { account, pier, symbol } = likely((at) => {
          const last = watch.open(seatId(at)).at(-1)?.signed.certificate
          return last !== undefined && Number(last.expiresAt) >= world.now && last.sequence > (acceptedAt(at)?.sequence ?? 0n)
        })
        const all = watch.open(`${account}|${pier.chain.chainId}|${marketOf(symbol)}`)
        const issue = random.uniform() < 0.8 ? all.at(-1) : pick(all)
        if (!issue) return []
        const { certificate } = issue.signed
        const posted = put(pier, (state, sea) =>
          Venue.accept(state, { ...certificate, issuedAt: Number(certificate.issuedAt), expiresAt: Number(certificate.expiresAt) }, sea),
        )
        note(posted ? 'accepted' : 'not accepted')
        return []
      },
    },
    trade: {
      weight: 16,
      run: async () => {
        const { account, pier, symbol } = likely((at) => (acceptedAt(at)?.expiresAt ?? 0) >= world.now)
        const market = marketOf(symbol)
        const { price } = world.quotes.get(market) as Venue.Quote
        const held = Venue.position(pier.chain.latest().state, account, market).size
        const closes = held !== 0n && random.uniform() < 0.4
        // As much as the certificate says, or any amount.
        const most = pier.chain.latest().state.accepted.get(Venue.key(account, market))?.maxNotional ?? 0n
        const wanted = random.uniform() < 0.6 && most > 0n ? (most * BigInt(95 + whole(6))) / 100n : usd(60_000)
        const some = Fixed.mulDiv(wanted, Fixed.one, price, 'down') * (random.uniform() < 0.5 ? 1n : -1n)
        const size = closes ? (random.uniform() < 0.5 ? -held : -held / 2n) : some
        note(put(pier, (state, sea) => Venue.trade(state, { account, market, size }, sea)) ? 'traded' : 'not admitted')
        return watch.money()
      },
    },
    cash: {
      weight: 3,
      run: async () => {
        const { account, pier } = seat()
        const amount = usd(3_000)
        const flow = world.flows.get(pier.chain.chainId) ?? 0n
        if (random.uniform() < 0.6) {
          put(pier, (state) => Venue.deposit(state, account, amount))
          world.flows.set(pier.chain.chainId, flow + amount)
        } else if (put(pier, (state, sea) => Venue.withdraw(state, { account, amount }, sea)))
          world.flows.set(pier.chain.chainId, flow - amount)
        return watch.money()
      },
    },
    liquidate: { weight: 5, run: async () => liquidate() },
    reorganise: {
      weight: 2,
      run: async () => {
        // What was paid into a venue goes away with its block, so venues keep theirs here: their money is counted from outside.
        pick(world.docks).chain.reorganise(1 + whole(Chain.finality), world.now)
        return []
      },
    },
    dark: {
      weight: 1,
      run: async () => {
        const { chain } = pick([...world.docks, ...world.piers])
        world.dark.set(chain.chainId, world.now + whole(400))
        return []
      },
    },
    freeze: {
      weight: 1,
      run: async () => {
        world.frozen.set(pick(world.terms).market, world.now + whole(200))
        return []
      },
    },
    silence: {
      weight: 0.5,
      run: async () => {
        world.silentUntil = world.now + whole(120)
        return []
      },
    },
    restart: {
      weight: 0.5,
      run: async () => {
        pick(gateways).forget()
        return []
      },
    },
    link: { weight: 0.5, run: () => link() },
    stored: { weight: 1, run: () => watch.stored(database, 5) },
  }

  async function release(): Promise<readonly Invariants.Violation[]> {
    const gateway = pick(gateways)
    await gateway.tick()
    const { owner, account } = seat()
    const { chain, asset } = pick(world.docks)
    const total = gateway.credit(owner.participantId)
    const { amount, requestedAt } = Harbour.berth(chain.final().state, account)
    if (total === null || amount === 0n || requestedAt !== null) return []
    const part = amount / BigInt(1 + whole(4))
    if (part === 0n) return []
    const market = asset.market === null ? null : (world.quotes.get(marketOf(asset.market)) as Venue.Quote)
    const credit = Fixed.mulDiv(part, market?.price ?? Fixed.one, 10n ** BigInt(asset.decimals), 'up')
    const releaseId: Hex = `0x${(0x10_0000 + serial++).toString(16).padStart(64, '0')}`
    const deadline = world.now + 60 + whole(240)
    try {
      const subject = { releaseId, participantId: owner.participantId, chainId: chain.chainId, vault: asset.vault, credit, deadline }
      const got = await Ledger.release(database, { ...subject, bodyHash: releaseId }, async () => ({
        status: 'release',
        signatures: ['0x01'],
        creditTotal: total,
      }))
      note(got.status)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error
      note(`release ${String(error.code)}`)
      return []
    }
    if (random.uniform() < 0.6)
      chain.mine(world.now, (state) => Harbour.release(state, { releaseId, account, amount: part, deadline }, world.now))
    return []
  }

  /** A keeper that looks at everybody, and acts only where the contract lets it. */
  function liquidate(): readonly Invariants.Violation[] {
    const { venueSees = (sea: Venue.Sea) => sea } = broken
    const found: Invariants.Violation[] = []
    for (const pier of world.piers)
      for (const account of World.accounts)
        for (const { market } of world.terms) {
          const { state } = pier.chain.latest()
          if (Venue.position(state, account, market).size === 0n) continue
          const sea = World.sea(world)
          const view = Venue.account(state, account, sea)
          const fresh = view.positions.every((it) => Venue.fresh(sea, it.market))
          const seen = venueSees(sea)
          if (!put(pier, (before) => Venue.liquidate(before, { account, market }, seen))) continue
          note('liquidated')
          // The keeper's fee leaves the venue, and no more than the fee: whatever else is missing is a leak.
          const { liquidationFeePpm } = sea.terms.find((it) => it.market === market) as Venue.Terms
          const closed = view.positions.find((it) => it.market === market)?.notional ?? 0n
          const gone = Fixed.min(Fixed.max(0n, -World.leak(world, pier)), Fixed.ofPpm(closed, liquidationFeePpm, 'up'))
          world.flows.set(pier.chain.chainId, (world.flows.get(pier.chain.chainId) ?? 0n) - gone)
          found.push(...watch.liquidated({ account, view, fresh }), ...watch.money())
        }
    return found
  }

  async function link(): Promise<readonly Invariants.Violation[]> {
    const [from, to] = [pick(owners), pick(owners)]
    const account = from.accounts.at(-1) as Hex
    if (from === to || from.accounts.length < 2) return []
    try {
      await Participants.unlink(database, { participantId: from.participantId, account: `eip155:0:${account}`, coolDownSeconds: 0 })
      from.accounts.pop()
      await Participants.link(database, { participantId: to.participantId, account: `eip155:0:${account}` })
      to.accounts.push(account)
      note('moved')
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error
      if (!from.accounts.includes(account)) {
        await Participants.link(database, { participantId: from.participantId, account: `eip155:0:${account}` })
        from.accounts.push(account)
      }
      note(`move ${String(error.code)}`)
    }
    return []
  }

  let violation: Outcome['violation'] = null
  let step = 0
  // Enough in the vaults to begin with.
  for (const { accounts } of owners)
    for (const account of accounts) world.docks[0]?.chain.mine(world.now, (state) => Harbour.deposit(state, account, 40_000n * 10n ** 6n))
  World.pass(world, 12)
  for (const _ of Array.from({ length: Chain.finality })) World.pass(world, 12)
  for (const gateway of gateways) await gateway.tick()
  for (; step < steps && violation === null; step++) {
    const kind = drawn(kinds, random.uniform())
    const { run } = kinds[kind] as (typeof kinds)[string]
    note(kind)
    const [first] = await run()
    if (first) violation = { ...first, step, kind }
    if (step % 100 === 0) options.progress?.(step)
  }
  return {
    ...{ seed, steps: step, violation, events },
    checks: Object.fromEntries(watch.counts) as Outcome['checks'],
    fingerprint: digest.toString(16).padStart(8, '0'),
  }
}

/** The kind at a share of all weights. */
function drawn(kinds: Readonly<Record<string, { readonly weight: number }>>, share: number): string {
  const all = Object.entries(kinds)
  let left = share * all.reduce((sum, [, { weight }]) => sum + weight, 0)
  for (const [kind, { weight }] of all) {
    left -= weight
    if (left < 0) return kind
  }
  return all[0]?.[0] as string
}
