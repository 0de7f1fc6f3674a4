import { Hash } from '@plimsoll/contracts'
import { Inputs } from '@plimsoll/margin'
import { TRPCError } from '@trpc/server'
import { recoverAddress } from 'viem'
import { describe, expect, test } from 'vitest'
import { type Context, createAppRouter } from './Router.ts'
import * as World from './testing/World.ts'

const context = (change: Partial<Context> = {}): Context => ({
  session: World.session,
  token: 'token',
  client: 'test',
  setSession: () => {},
  ...change,
})
const key = { account: World.account, venue: World.venue.id, market: 'ETH-PERP' }
const caller = (services = World.services(), given = context()) => createAppRouter(services, {}).createCaller(given)
const codeOf = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof TRPCError)) throw new Error(`expected a refusal, got ${String(error)}`)
  return { trpc: error.code, own: error.cause && 'code' in error.cause ? error.cause.code : null }
}

describe('limits.quote', () => {
  test('worked example: 10,000 USD at 10 % is 100,000 USD; both columns of the reasons add up', async () => {
    const { limit, ageSeconds } = await caller().limits.quote(key)
    expect(limit.notional).toBe(World.usd(100_000).toString())
    expect(limit.imPpm).toBe(100_000)
    expect(limit.leveragePpm).toBe(10_000_000)
    expect(limit.protocolDefault.notional).toBe(World.usd(200_000).toString())
    expect(limit.equity).toEqual({ venue: '0', total: World.usd(10_000).toString() })
    expect(limit.reasons.reduce((sum, reason) => sum + BigInt(reason.notional), 0n)).toBe(BigInt(limit.notional))
    expect(limit.reasons.reduce((sum, reason) => sum + reason.imPpm, 0)).toBe(limit.imPpm)
    expect(ageSeconds).toBe(0)
  })

  test('edge: asked twice of one snapshot, computed once', async () => {
    let reads = 0
    const snapshot = World.snapshot()
    const state = () => {
      reads += 1
      return World.state()
    }
    const counted = { ...snapshot, ledger: { ...snapshot.ledger, state } }
    const { limits } = caller(World.services({}, counted))
    expect(await limits.quote(key)).toEqual(await limits.quote(key))
    expect(reads).toBe(1)
  })

  test('error: unknown market, unknown venue, unlinked account, unread participant, missing price', async () => {
    const { limits } = caller()
    expect(await codeOf(limits.quote({ ...key, market: 'XYZ-PERP' }))).toEqual({ trpc: 'NOT_FOUND', own: 'UNKNOWN_MARKET' })
    expect(await codeOf(limits.quote({ ...key, venue: key.venue.replace(/cc$/, 'cd') }))).toEqual({
      trpc: 'NOT_FOUND',
      own: 'UNKNOWN_VENUE',
    })
    expect(await codeOf(limits.quote({ ...key, account: World.stranger }))).toEqual({ trpc: 'FORBIDDEN', own: 'ACCOUNT_NOT_LINKED' })
    const unread = caller(World.services({}, World.snapshot({ views: new Map() })))
    expect(await codeOf(unread.limits.quote(key))).toEqual({ trpc: 'NOT_FOUND', own: 'UNKNOWN_PARTICIPANT' })
    const market = World.snapshot().markets.get('ETH-PERP')
    if (!market) throw new Error('the kit has this market')
    const stale = World.snapshot({
      markets: new Map([['ETH-PERP', { ...market, price: { status: 'refused', code: 'ORACLE_STALE', message: 'The feed is old.' } }]]),
    })
    expect(await codeOf(caller(World.services({}, stale)).limits.quote(key))).toEqual({ trpc: 'PRECONDITION_FAILED', own: 'ORACLE_STALE' })
  })
})

describe('limits.issue', () => {
  /** Services whose ledger holds so much for the key that is asked for. */
  const holding = (held: Parameters<typeof World.state>[0], snapshot = World.snapshot()) => {
    const kit = World.services({}, snapshot)
    const asHeld: typeof kit.ledger.issue = (_, decide) => kit.ledger.issue(_, (it) => decide({ ...it, ...World.state(held) }))
    return { kit, services: { ...kit, ledger: { ...kit.ledger, issue: asHeld } } }
  }

  const issue = { ...key, notional: World.usd(50_000).toString(), idempotencyKey: 'first-key' }

  test('worked example: half the limit binds half the credit, signed over the digest of the document', async () => {
    const services = World.services()
    const answer = await caller(services).limits.issue(issue)
    if (answer.status !== 'issued') throw new Error(answer.refusal.message)
    const { certificate } = answer.signed
    expect(certificate.maxNotional).toBe(World.usd(50_000).toString())
    expect(certificate.credit).toBe(World.usd(5_000).toString())
    expect(certificate.imPpm).toBe(100_000)
    const signed = services.issued.get('first-key')
    if (!signed?.signatures[0]) throw new Error('the ledger holds it')
    expect(await recoverAddress({ hash: World.digestOf(signed), signature: signed.signatures[0] })).toBe(World.signer.address)
    const { document } = await caller(services).limits.inputs({ inputsHash: certificate.inputsHash })
    expect(Hash.ofText(document)).toBe(certificate.inputsHash)
    expect(Inputs.canonical(Inputs.parse(document))).toBe(document)
  })

  test('edge: the same key gives the same certificate; above the limit is refused with figures', async () => {
    const services = World.services()
    const first = await caller(services).limits.issue(issue)
    const again = await caller(services).limits.issue(issue)
    if (first.status !== 'issued' || again.status !== 'issued') throw new Error('both are issued')
    expect(again.signed).toEqual(first.signed)
    expect(again.limit).toBeNull()
    const refused = await caller(services).limits.issue({ ...issue, notional: World.usd(100_001).toString(), idempotencyKey: 'other-key' })
    if (refused.status !== 'refused') throw new Error('one dollar too many')
    expect(refused.refusal.code).toBe('CREDIT_INSUFFICIENT')
    expect(refused.limit.notional).toBe(World.usd(100_000).toString())
  })

  test('bug: a certificate below what is open was signed without a word; now it is said, and signed for who means it', async () => {
    const position = { side: 'long', notional: World.usd(20_000) } as const
    const { kit, services } = holding({ position })
    const ask = (notional: bigint, more: { belowOpen?: 'refuse' | 'cut' } = {}) =>
      caller(services).limits.issue({ ...issue, notional: notional.toString(), idempotencyKey: `asked-for-${notional}`, ...more })
    const below = position.notional - 1n
    for (const answer of [await ask(below), await ask(below, { belowOpen: 'refuse' }), await ask(0n)])
      expect(answer).toMatchObject({ status: 'refused', refusal: { code: 'BELOW_OPEN' } })
    expect((await ask(below)) as object).toMatchObject({
      refusal: {
        message: 'What is open there is 20,000.00 USD, and this would cut it to 19,999.99 USD: nothing more could be opened, only reduced.',
        hint: 'Nothing was signed. Ask again with `belowOpen: "cut"` if that is meant, or with "keep" for what is open.',
      },
    })
    expect(kit.issued.size).toBe(0)
    expect(await ask(below, { belowOpen: 'cut' })).toMatchObject({
      status: 'issued',
      signed: { certificate: { maxNotional: below.toString() } },
    })
    expect(await ask(position.notional)).toMatchObject({ status: 'issued' })
    expect((await codeOf(caller(services).limits.issue({ ...issue, belowOpen: true } as never))).trpc).toBe('BAD_REQUEST')
  })

  test('bug: who renewed a fixed notional was refused once the price had carried what is open above it; now it can be kept', async () => {
    const position = { side: 'long', notional: World.usd(20_000) + 1n } as const
    const { kit, services } = holding({ position, certificateCredit: World.usd(2_000) })
    const ask = (notional: bigint, idempotencyKey: string, belowOpen: 'keep' | 'refuse' = 'keep') =>
      caller(services).limits.issue({ ...issue, notional: notional.toString(), idempotencyKey, belowOpen })
    expect(await ask(World.usd(20_000), 'renews-it', 'refuse')).toMatchObject({ refusal: { code: 'BELOW_OPEN' } })
    const renewed = await ask(World.usd(20_000), 'renews-it')
    expect(renewed).toMatchObject({ status: 'issued', signed: { certificate: { maxNotional: position.notional.toString() } } })
    // What it asked for is what is signed where that is no less, and more than fits is refused as ever.
    const more = World.usd(20_001)
    expect(await ask(more, 'asks-for-more')).toMatchObject({ signed: { certificate: { maxNotional: more.toString() } } })
    expect(await ask(World.usd(1_000_000), 'asks-for-all')).toMatchObject({ status: 'refused', refusal: { code: 'CREDIT_INSUFFICIENT' } })
    expect(kit.issued.size).toBe(2)
  })

  test('edge: what is kept is no raise: without credit it is signed on what was bound before, and on no more', async () => {
    const position = { side: 'long', notional: World.usd(20_000) } as const
    const bound = World.usd(7)
    const poor = World.snapshot({ views: new Map([[World.participantId, { lots: [], missing: [] }]]) })
    const { services } = holding({ position, certificateCredit: bound }, poor)
    const ask = { ...issue, notional: '1', idempotencyKey: 'keeps-it-poor', belowOpen: 'keep' } as const
    expect(await caller(services).limits.issue(ask)).toMatchObject({
      signed: { certificate: { maxNotional: position.notional.toString(), credit: bound.toString() } },
    })
  })

  test('edge: one key stands for keeping what is open or for the notional alone, not for both', async () => {
    const bodies: string[] = []
    const { kit, services } = holding({})
    const spied: typeof kit.ledger.issue = (request, decide) => {
      bodies.push(request.bodyHash)
      return services.ledger.issue(request, decide)
    }
    const of = caller({ ...services, ledger: { ...services.ledger, issue: spied } })
    for (const belowOpen of ['refuse', 'cut', 'keep'] as const) await of.limits.issue({ ...issue, belowOpen })
    expect([bodies[0] === bodies[1], bodies[0] === bodies[2]]).toEqual([true, false])
  })

  test.each(['1.5', '0x10', '', '1e3', '-1', '007', ' 5', '٣', '9'.repeat(80)])('error: %j is no amount', async (notional) => {
    expect((await codeOf(caller().limits.issue({ ...issue, notional }))).trpc).toBe('BAD_REQUEST')
  })

  test.each([true, 5, 5n, null, undefined, [], {}])('error: %o is no amount', async (notional) => {
    expect((await codeOf(caller().limits.issue({ ...issue, notional } as never))).trpc).toBe('BAD_REQUEST')
  })

  test('error: a field nobody asked for is refused', async () => {
    expect((await codeOf(caller().limits.issue({ ...issue, participantId: World.participantId } as never))).trpc).toBe('BAD_REQUEST')
  })
})

describe('who may ask', () => {
  const open = [
    'health',
    'auth.nonce',
    'auth.signIn',
    'auth.signOut',
    'evidence.policy',
    'markets.list',
    'market.fragility',
    'market.clusters',
    'market.stress',
    'limits.inputs',
    'forecasts.latest',
  ]
  const procedures = Object.keys(createAppRouter(World.services(), {})._def.procedures)

  test('edge: every procedure but the open ones needs a session, also those added later', async () => {
    expect(procedures.filter((path) => !open.includes(path)).length).toBeGreaterThan(8)
    const inputs: Record<string, unknown> = {
      'limits.quote': key,
      'limits.get': key,
      'limits.issue': { ...key, notional: '1', idempotencyKey: 'some-key' },
      'limits.watch': {},
      'accounts.prepareLink': { account: World.stranger },
      'accounts.unlink': { account: World.stranger },
    }
    for (const path of procedures.filter((it) => !open.includes(it))) {
      const call = path
        .split('.')
        .reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], caller(World.services(), context({ session: null })))
      const outcome = await codeOf((call as (input: unknown) => Promise<unknown>)(inputs[path]))
      expect({ path, outcome }).toEqual({ path, outcome: { trpc: 'UNAUTHORIZED', own: 'SIGN_IN_REQUIRED' } })
    }
  })

  test('error: a spent client is told when to come back', async () => {
    expect(await codeOf(caller(World.services(), context({ client: 'spent' })).markets.list())).toEqual({
      trpc: 'TOO_MANY_REQUESTS',
      own: 'RATE_LIMITED',
    })
  })
})

describe('limits.watch', () => {
  test('bug: a stream went on for hours after its session was signed out, or its account had left', async () => {
    let session: typeof World.session | null = World.session
    const event = (id: string) => ({ id, kind: 'limit.issued', at: World.now, body: {} })
    const services = World.services()
    const watched = {
      ...services,
      auth: { ...services.auth, session: async () => session },
      events: async function* ({ signal }: Parameters<typeof services.events>[0]) {
        yield event('1')
        yield event('2')
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
      },
    }
    const started = async () => {
      const events = (await caller(watched, context({ token: 'token' })).limits.watch({}))[Symbol.asyncIterator]()
      expect(await events.next()).toMatchObject({ done: false })
      return events
    }
    const [telling, silent] = [await started(), await started()]
    expect(await silent.next()).toMatchObject({ done: false })
    const waiting = silent.next()
    session = null
    expect((await codeOf(telling.next())).own).toBe('SIGN_IN_REQUIRED')
    expect((await codeOf(waiting)).own).toBe('SIGN_IN_REQUIRED')
  })
})

describe('what the person is shown', () => {
  test('worked example: collateral, markets, forecasts, score and health pass their own schemas', async () => {
    const { collateral, markets, forecasts, participants, health, accounts } = caller()
    expect((await collateral.view()).lots[0]).toMatchObject({
      ...{ value: World.usd(10_000).toString(), credit: World.usd(10_000).toString(), custody: 'LOCKED' },
    })
    expect((await markets.list()).markets[0]).toMatchObject({ symbol: 'ETH-PERP', price: { status: 'ok' } })
    expect((await forecasts.latest()).forecasts[0]).toMatchObject({ source: 'champion', sigmaPpm: 600_000 })
    expect(await participants.explain()).toMatchObject({ tier: 0, score: 600 })
    expect(await health()).toMatchObject({ status: 'ok', threshold: 1 })
    expect((await accounts.list()).accounts).toHaveLength(1)
  })

  test('worked example: what is only seen is shown with its value and no credit, and moves no limit', async () => {
    const held = { chainId: 31_337_001, holder: World.account, asset: 'USDC', token: World.stranger, decimals: 6, price: World.usd(1) / 2n }
    const block = { number: 9n, hash: World.participantId, timestamp: World.now - 2 }
    const amount = 3_000_000n
    const places = [
      { ...held, amount, owed: 0n, places: [{ name: 'wallet USDC', amount, owed: 0n }], block },
      { ...held, price: null, amount: 0n, owed: 7n, places: [{ name: 'Aave', amount: 1n, owed: 8n }], block },
    ]
    const arriving = [{ ...held, vault: World.stranger, amount: 1n }]
    const unread = [{ chainId: 31_337_001, holder: null, what: 'venue', code: 'CONTRACT_UNREADABLE', sentence: 'It gave no answer.' }]
    const elsewhere = new Map([[World.participantId, { places, arriving, unread }]])
    const rich = caller(World.services({}, World.snapshot({ elsewhere })))
    const view = await rich.collateral.view()
    expect(view.places).toMatchObject([
      {
        custody: 'OBSERVED',
        amount: '3000000',
        value: (World.usd(3) / 2n).toString(),
        credit: '0',
        why: expect.stringMatching(/only observed/),
      },
      { amount: '0', owed: '7', value: null, credit: '0', why: expect.stringMatching(/no more is held than is owed/) },
    ])
    // Half a dollar's millionth: rounded down where it does not come out even.
    expect(view.arriving).toMatchObject([{ amount: '1', value: '500000000000', credit: '0', why: expect.stringMatching(/not final/) }])
    expect(view.unread).toEqual(unread)
    const plain = caller()
    expect({ ...view, places: [], arriving: [], unread: [] }).toEqual(await plain.collateral.view())
    const key = { account: World.account, venue: World.venue.id, market: 'ETH-PERP' }
    expect(await rich.limits.quote(key)).toEqual(await plain.limits.quote(key))
  })

  test('edge: an asset that moves and has no forecast counts nothing', async () => {
    const { collateral } = caller(World.services({}, World.snapshot({ assets: new Map([['USDC', 'BTC-PERP']]) })))
    expect((await collateral.view()).credit).toBe('0')
  })
})

describe('reputation.diff', () => {
  test('worked example: what moved the score', async () => {
    const { reputation } = caller()
    const moved = await reputation.diff({ from: World.now - 86_400, to: World.now })
    expect(moved).toMatchObject({ from: { at: World.now - 86_400, score: 600 }, to: { at: World.now, score: 630 } })
    expect(moved.lines.reduce((sum, { points }) => sum + points, 0)).toBe(moved.to.score - moved.from.score)
    expect((await reputation.diff({ from: World.now, to: World.now })).lines).toEqual([])
  })

  test('error: nobody signed in, and times that are none', async () => {
    const anonymous = caller(World.services(), context({ session: null }))
    expect(await codeOf(anonymous.reputation.diff({ from: 0, to: 1 }))).toEqual({ trpc: 'UNAUTHORIZED', own: 'SIGN_IN_REQUIRED' })
    expect((await codeOf(caller().reputation.diff({ from: -1, to: 1 }))).trpc).toBe('BAD_REQUEST')
    expect((await codeOf(caller().reputation.diff({ from: 0.5, to: 1 }))).trpc).toBe('BAD_REQUEST')
  })
})
