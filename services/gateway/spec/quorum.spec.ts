/** Two of three signers, each a process that reads for itself: a limit holds on chain by their word, whatever the third does, and never by the gateway's alone. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Certificate, collateralVaultAbi, Hash, LinkAccount, limitBookAbi, perpVenueAbi, Release } from '@plimsoll/contracts'
import { Deployment, type House, Wallet } from '@plimsoll/localnet'
import { Inputs, Limit } from '@plimsoll/margin'
import { MarginError, type SignedLimit } from '@plimsoll/sdk'
import { recoverAddress } from 'viem'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type * as Front from './Front.ts'
import * as Kit from './Kit.ts'
import * as Liar from './Liar.ts'
import * as Signers from './Signers.ts'

const { names } = Signers

let house: House.House
/** What the first signer's own forecaster says, times this, at most so much, and so many seconds earlier. */
let [factor, greatest, older] = [1, 1_000_000, 0]
let forecaster: Server
let quorum: Signers.Signers
let fronts: Signers.Signers['fronts']
let signers: Signers.Signers['signers']
let gateway: Signers.Signers['gateway']
let trader: Kit.Trader
let key: { readonly account: `0x${string}`; readonly venue: string; readonly market: string }

beforeAll(async () => {
  house = await Kit.house()
  await house.gateway.stop()
  forecaster = createServer((_, response) => {
    void fetch(`${house.forecaster.url}/forecasts`)
      .then((answer) => answer.text())
      .then((text) =>
        response.end(
          text
            .replace(/"(long|short)Ppm":(\d+)/g, (_, side, ppm) => `"${side}Ppm":${Math.min(greatest, Number(ppm) * factor)}`)
            .replace(/"asOf":(\d+)/g, (_, asOf) => `"asOf":${Number(asOf) - older}`),
        ),
      )
  })
  await new Promise<void>((resolve) => forecaster.listen(0, '127.0.0.1', resolve))
  const own = `http://127.0.0.1:${(forecaster.address() as AddressInfo).port}`
  quorum = await Signers.start(house, (at) => (at === 0 ? { FORECASTER_URL: own, FORECAST_TOLERANCE_PPM: '1000' } : {}))
  ;({ fronts, signers, gateway } = quorum)
  const [first] = await Kit.traders({ house, names: ['quorate'], dollars: 10_000, gateway: gateway.url })
  if (!first) throw new Error('one trader was asked for')
  trader = first
  key = { account: trader.account.address, venue: Kit.venueId(house, 'north'), market: 'ETH-PERP' }
}, 180_000)

afterAll(async () => {
  forecaster?.close()
  await quorum?.stop()
  await house?.stop()
})

beforeEach(() => {
  for (const front of fronts) front.become({ kind: 'none' })
})

const issue = (dollars: number) => trader.client.issueLimit({ ...key, notional: Kit.usd(dollars) })

/** Whose signatures the certificate carries, as names. */
async function signersOf(signed: SignedLimit): Promise<readonly string[]> {
  const digest = Certificate.digest(signed.certificate, { chainId: signed.chainId, verifyingContract: signed.limitBook })
  const addresses = await Promise.all(signed.signatures.map((signature) => recoverAddress({ hash: digest, signature })))
  return addresses.map((address) => names.find((name) => Wallet.of(name).address === address) ?? address)
}

async function codeOf(answer: Promise<unknown>): Promise<string> {
  try {
    return JSON.stringify(await answer, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value))
  } catch (error) {
    if (error instanceof MarginError) return error.code
    throw error
  }
}

/** The first signer signs something else with its real key. */
const lie: Front.Fault = {
  kind: 'lie',
  tell: async (question) => {
    const { certificate, chainId, limitBook } = JSON.parse(question)
    const more = { ...Certificate.fromMessage(certificate), maxNotional: Kit.usd(1_000_000) }
    const hash = Certificate.digest(more, { chainId, verifyingContract: limitBook })
    return JSON.stringify({ status: 'signed', signature: await Wallet.of('signer one').sign({ hash }) })
  },
}

test('what two of three sign is what the book takes', async () => {
  const signed = Kit.granted(await issue(20_000))
  expect(new Set(await signersOf(signed)).size).toBe(2)
  await Kit.post(house, signed)
  const standing = await house.world.chains.strait.publicClient.readContract({
    address: signed.limitBook,
    abi: limitBookAbi,
    functionName: 'limitOf',
    args: [key.account, Kit.addressOf(key.venue), signed.certificate.market],
  })
  expect(standing).toMatchObject({ maxNotional: Kit.usd(20_000), live: true, sequence: signed.certificate.sequence })
})

test.each<[string, Front.Fault]>([
  ['fails', { kind: 'down' }],
  ['lies', lie],
  ['is slow', { kind: 'slow', ms: 20_000 }],
  ['hangs', { kind: 'hang' }],
])(
  'one that %s: the other two suffice, and the book takes it',
  async (_, fault) => {
    fronts[0]?.become(fault)
    const signed = Kit.granted(await issue(20_000))
    expect([...(await signersOf(signed))].sort()).toEqual(['signer three', 'signer two'])
    await Kit.post(house, signed)
  },
  60_000,
)

test('two that fail, hang or lie: nothing is issued, nothing is bound, and what was asked is granted once they are back', async () => {
  const before = Kit.granted(await issue(20_000)).certificate.sequence
  const ask = (idempotencyKey: string) => trader.client.issueLimit({ ...key, notional: Kit.usd(21_000), idempotencyKey })
  fronts[1]?.become({ kind: 'down' })
  fronts[2]?.become({ kind: 'hang' })
  expect(await codeOf(ask('while-two-are-away'))).toBe('SIGNERS_UNAVAILABLE')
  fronts[0]?.become(lie)
  fronts[1]?.become(lie)
  expect(await codeOf(ask('while-two-are-lying'))).toBe('SIGNERS_DISAGREE')
  const { signed: latest } = await trader.client.getCertificate(key)
  expect(latest?.certificate.sequence).toBe(before)

  for (const front of fronts) front.become({ kind: 'none' })
  const signed = Kit.granted(await ask('while-two-are-away'))
  expect(signed.certificate.sequence).toBe(before + 1n)
  expect(Kit.granted(await ask('while-two-are-away'))).toEqual(signed)
  await Kit.post(house, signed)
})

test('a gateway that lies gets no signature, and a reason each', async () => {
  Kit.granted(await issue(20_000))
  const last = fronts[1]?.questions.at(-1)
  if (last === undefined) throw new Error('the second signer was asked')
  const question = JSON.parse(last)
  const inputs = Inputs.parse(question.document)
  const certificate = Certificate.fromMessage(question.certificate)

  /** What the signers say of the limit that this document would give, issued now. */
  const ask = async (change: (inputs: Inputs.Inputs) => Inputs.Inputs, terms: Partial<Certificate.Certificate> = {}, at = 0) =>
    (await Liar.certified({ signers, question, change, terms, at })).said
  const [lot] = inputs.view.lots
  if (!lot) throw new Error('there is a lot')
  const want = (dollars: number) => ({ request: { notional: Kit.usd(dollars) } })
  const most = Number(Limit.of({ ...inputs, request: { notional: null } }).notional / Kit.usd(1))
  const beyond = most + 5_000

  expect(await ask((it) => it)).toEqual(['signed'])
  const lots = (change: Partial<Inputs.Lot>) => (it: Inputs.Inputs) => ({
    ...it,
    ...want(beyond),
    view: { ...it.view, lots: [{ ...lot, ...change }] },
  })
  expect(await ask(lots({ amount: lot.amount * 10n }))).toEqual(['MORE_GENEROUS'])
  expect(await ask(lots({ price: { ...lot.price, value: lot.price.value * 10n } }))).toEqual(['MORE_GENEROUS'])
  expect(await ask(lots({ amount: lot.amount * 10n, block: { ...lot.block, hash: `0x${'ab'.repeat(32)}` } }))).toEqual(['BLOCK_FOREIGN'])
  expect(await ask(lots({ amount: lot.amount * 10n, block: { ...lot.block, number: lot.block.number + 1_000n } }))).toEqual([
    'BLOCK_NOT_FINAL',
  ])
  const twice = [
    lot,
    { ...lot, lotId: Hash.ofText('another') },
    { ...lot, lotId: Hash.ofText('a third') },
    { ...lot, lotId: Hash.ofText('a fourth') },
  ]
  expect(await ask((it) => ({ ...it, ...want(beyond), view: { ...it.view, lots: twice } }))).toEqual(['MORE_GENEROUS'])
  const ledger = (change: Partial<Inputs.Ledger>, dollars: number) => (it: Inputs.Inputs) => ({
    ...it,
    ...want(dollars),
    ledger: { ...it.ledger, ...change },
  })
  expect(await ask(ledger({ venueCollateral: Kit.usd(50_000) }, beyond))).toEqual(['MORE_GENEROUS'])
  expect(
    await ask(ledger({ position: { side: 'long', notional: Kit.usd(900_000) }, certificateCredit: Kit.usd(90_000) }, 900_000)),
  ).toEqual(['MORE_GENEROUS'])
  expect(await ask((it) => ({ ...it, params: { ...it.params, floorPpm: 1 } }))).toEqual(['PARAMS_HASH'])
  expect(await ask((it) => ({ ...it, market: { ...it.market, initial: { kind: 'flat', ppm: 1 } } }))).toEqual(['TERMS_OTHER'])
  expect(await ask((it) => it, { maxNotional: Kit.usd(20_001) })).toEqual(['NOT_DERIVED'])
  expect(await ask((it) => it, { inputsHash: Hash.ofText('another') })).toEqual(['INPUTS_HASH'])
  expect(await ask((it) => it, { modelHash: Hash.ofText('another') })).toEqual(['MODEL_HASH'])
  expect(await ask((it) => it, { account: Wallet.of('somebody').address.toLowerCase() as `0x${string}` })).toEqual(['SUBJECT_OTHER'])
  expect(await ask((it) => it, { sequence: 1n })).toEqual(['SEQUENCE_USED'])
  expect(await ask((it) => it, { epoch: certificate.epoch + 1 })).toEqual(['EPOCH_OTHER'])
  expect(await ask((it) => it, { expiresAt: BigInt(Math.floor(Date.now() / 1000) + 400) })).toEqual(['LIFE_TOO_LONG'])
  expect(await ask((it) => it, {}, -20)).toEqual(['CLOCKS_APART'])
  const other = Hash.ofText('another participant')
  expect(await ask((it) => ({ ...it, subject: { ...it.subject, participantId: other } }), { participantId: other })).toEqual([
    'HOLDER_OF_ANOTHER',
  ])

  // A feed slips by three digits: whoever saw it before believes neither the slip nor a gateway that does.
  await house.world.price('USDC', '1000')
  expect(await ask(lots({ price: { ...lot.price, value: lot.price.value * 1_000n } }))).toEqual(['ORACLE_QUARANTINED'])
  await house.world.price('USDC', '1')
  await Kit.until(
    () => ask((it) => it),
    (codes) => codes.join() === 'signed',
    40,
  )

  // Only the first has a forecaster of its own; the others take the document's at its word.
  factor = 50
  expect([...(await ask((it) => it))].sort()).toEqual(['MORE_GENEROUS', 'signed'])
  // What no long can lose says nothing of the certificate, and nothing is signed on it.
  greatest = 4_000_000_000
  factor = 1_000_000
  expect([...(await ask((it) => it))].sort()).toEqual(['FORECAST_UNREADABLE', 'signed'])
  factor = 1
  // Nor is anything held against a forecast of long ago.
  older = 10 * 86_400
  expect([...(await ask((it) => it))].sort()).toEqual(['FORECAST_STALE', 'signed'])
  older = 0
  expect(await ask((it) => it)).toEqual(['signed'])
})

test('a stranger’s collateral is counted on nobody’s word but his own; a signer that restarts knows what it signed', async () => {
  const [stranger] = await Kit.traders({ house, names: ['stranger'], dollars: 9_000, gateway: gateway.url })
  if (!stranger) throw new Error('one trader was asked for')
  const lastAsked = () => JSON.parse(fronts[1]?.questions.at(-1) ?? '')
  const wanted = { account: stranger.account.address, venue: key.venue, market: key.market, notional: Kit.usd(20_000) }
  await Kit.until(
    () => stranger.client.issueLimit(wanted),
    ({ status }) => status === 'issued',
  )
  const his = lastAsked()
  Kit.granted(await issue(20_000))
  const hers = lastAsked()
  const lotsOf = ({ document }: { readonly document: string }) => Inputs.parse(document).view.lots
  const [lot] = lotsOf(his)
  if (!lot) throw new Error('his document counts what he has locked')

  /** One that has signed nothing yet: everything but whose the lots are is as it reads it. */
  const start = () => Signers.one(house, { env: { SIGNER_MEMORY: `${house.home}/signed.jsonl` } })
  let signer = await start()
  /** What it says of all that these lots give, issued now. */
  const ask = (question: typeof his, lots: readonly Inputs.Lot[], ties: readonly unknown[]) => {
    const change = (inputs: Inputs.Inputs) => {
      const all = Liar.claimed({ ...inputs, request: { notional: null }, view: { lots, missing: [] } })
      return { ...all, request: { notional: Limit.of(all).notional } }
    }
    return Liar.certified({ signers: [signer], question, change, ties })
  }
  try {
    const own = lotsOf(hers).map((it) => ({ ...it, block: lot.block }))
    const honest = await ask(hers, own, [])
    expect(honest.said).toEqual(['signed'])
    const message = {
      ...{ participantId: hers.certificate.participantId, nonce: Hash.ofText('never asked for'), issuedAt: 1, expiresAt: 2 },
      ...{ account: `eip155:0:${lot.holder}`, primary: `eip155:0:${key.account.toLowerCase()}` },
    }
    const typed = LinkAccount.typedData({ ...message, issuedAt: 1n, expiresAt: 2n })
    const [byTrader, byStranger] = await Promise.all([trader, stranger].map(({ account }) => account.signTypedData(typed)))
    const tie = (accountSignature?: string) => ({ kind: 'link', message, accountSignature, primarySignature: byTrader })
    const borrowed = await ask(hers, [...own, lot], [])
    expect(borrowed.maxNotional).toBeGreaterThan(honest.maxNotional)
    expect(borrowed.said).toEqual(['HOLDER_UNTIED'])
    expect((await ask(hers, [...own, lot], [tie(byTrader)])).said).toEqual(['HOLDER_UNTIED'])
    expect((await ask(hers, [...own, lot], [tie(byStranger)])).said).toEqual(['signed'])
    await signer.stop()
    signer = await start()
    expect((await ask(his, [lot], [])).said).toEqual(['HOLDER_OF_ANOTHER'])
    expect((await ask(hers, own, [])).said).toEqual(['signed'])
  } finally {
    await signer.stop()
  }
})

test('while the sources of a chain are silent a signer says that it cannot check, and signs again when they are back', async () => {
  const [alpha, beta] = house.world.sources.harbour
  alpha.become({ kind: 'down' })
  beta.become({ kind: 'down' })
  const code = await codeOf(issue(20_500))
  expect(
    ['SIGNERS_UNAVAILABLE', 'CREDIT_INSUFFICIENT', 'PARTIAL_VIEW'].some((it) => code.includes(it)),
    code,
  ).toBe(true)
  alpha.become({ kind: 'none' })
  beta.become({ kind: 'none' })
  const answer = await Kit.until(
    () => codeOf(issue(20_500)),
    (it) => it.includes('"issued"'),
    40,
  )
  expect(answer).toContain('"issued"')
})

test('what open positions need is not touched while no signer answers', async () => {
  await house.world.chains.strait.fund([key.account])
  // Sources were away a moment ago, and a gateway may only now have found that out.
  const issued = await Kit.until(
    () => issue(20_000),
    ({ status }) => status === 'issued',
    40,
  )
  await Kit.post(house, Kit.granted(issued))
  await Kit.trade(house, { venue: key.venue, trader, symbol: 'ETH-PERP', notional: Kit.usd(10_000) })
  for (const front of fronts) front.become({ kind: 'down' })
  expect(await codeOf(issue(25_000))).toBe('SIGNERS_UNAVAILABLE')
  await Kit.trade(house, { venue: key.venue, trader, symbol: 'ETH-PERP', notional: 0n })
})

test('credit that fell is marked down by two of three, no lower than each finds certain, and not while two are away', async () => {
  const { manifest, chains } = house.world
  const { harbour, strait } = chains
  await strait.fund([Wallet.of('relay').address])
  const [leaver] = await Kit.traders({ house, names: ['leaver'], dollars: 9_000, gateway: gateway.url })
  if (!leaver) throw new Error('one trader was asked for')
  const linked = Wallet.of('account of the leaver')
  await Deployment.lock({ chain: harbour, manifest, account: linked, asset: 'USDC', amount: 1_000n * 10n ** 6n })
  await house.world.finalise()
  await leaver.client.linkAccount({ account: linked, primary: leaver.account })

  // Three parts are bound at north, and about one at south.
  const bind = async (name: 'north' | 'south', market: string, dollars: number) => {
    const of = { account: leaver.account.address, venue: Kit.venueId(house, name), market, notional: Kit.usd(dollars) }
    const signed = Kit.granted(
      await Kit.until(
        () => leaver.client.issueLimit(of),
        ({ status }) => status === 'issued',
      ),
    )
    await Kit.post(house, signed)
    return signed
  }
  // Above 2,000 of credit together, whatever is foreseen today: what is left is more than the linked account has.
  const north = await bind('north', 'ETH-PERP', 75_000)
  const south = await bind('south', 'BTC-PERP', 25_000)
  await house.world.finalise()
  const held = ({ certificate, limitBook }: SignedLimit) =>
    strait.publicClient.readContract({
      ...{ address: limitBook, abi: limitBookAbi, functionName: 'creditOf', args: [leaver.account.address, certificate.venue] },
    })
  const before = [await held(north), await held(south)] as const
  expect(before).toEqual([north.certificate.credit, south.certificate.credit])

  // All three know whose the other trader's collateral is.
  Kit.granted(await issue(20_000))
  const certified = JSON.parse(fronts[0]?.questions.findLast((it) => it.includes('"certificate"')) ?? '')
  expect(await Liar.said(signers, { path: 'sign', question: certified })).toEqual(['signed'])

  // Two signers are away; half of what both hold is left, and everything else leaves with the release keys' word.
  fronts[1]?.become({ kind: 'down' })
  fronts[2]?.become({ kind: 'hang' })
  const vault = manifest.vaults.find(({ chainId }) => chainId === harbour.chainId)
  const token = vault?.tokens.find(({ asset }) => asset === 'USDC')?.token
  if (!vault || !token) throw new Error('there is a vault with USDC')
  const left = (before[0] + before[1]) / 2n / 10n ** 12n
  const order: Release.Release = {
    ...{
      id: Hash.ofText('leaving'),
      account: leaver.account.address,
      token,
      amount: 10_000n * 10n ** 6n - left,
      to: leaver.account.address,
    },
    ...{ deadline: BigInt(Math.floor(Date.now() / 1000) + 3_600), epoch: 1 },
  }
  const at = { chainId: harbour.chainId, verifyingContract: vault.address }
  const word = await Wallet.of('release signer').signTypedData(Release.typedData(order, at))
  const release = { address: vault.address, abi: collateralVaultAbi, functionName: 'release', args: [order, [word]] }
  await Deployment.write(harbour, leaver.account, release)
  await house.world.finalise()
  const faults = async () => ((await (await fetch(`${gateway.url}/v1/health`)).json()) as { readonly faults: readonly string[] }).faults
  const told = await Kit.until(faults, (all) => all.some((it) => it.includes('SIGNERS_UNAVAILABLE')))
  expect(told.join()).toContain(`credit of ${leaver.account.address.toLowerCase()} at north`)
  expect([await held(north), await held(south)]).toEqual(before)

  // What the gateway asked for north, and what a gateway that lies would ask.
  const liarAt = ({ certificate: { venue } }: SignedLimit) => Liar.of({ questions: fronts[0]?.questions ?? [], signers, venue })
  const { ask, lines, line, evidence, honest, holders } = liarAt(north)
  const worthOf = (amount: bigint) => (amount * 10n ** 12n * BigInt(1_000_000 - line.haircutPpm)) / 1_000_000n
  const stranger = trader.account.address.toLowerCase() as `0x${string}`
  const ofLinked = linked.address.toLowerCase()
  expect(line.amount).toBe(left)
  expect(holders).toContain(ofLinked)
  expect(await ask()).toEqual(['signed'])
  // A lot that is left out, a haircut that nobody configured, an asset that nobody knows.
  expect(await ask({ evidence: lines({ amount: line.amount - 1n }) })).toEqual(['EVIDENCE_LOW'])
  expect(await ask({ evidence: { ...evidence, lots: [] } })).toEqual(['EVIDENCE_LOW'])
  expect(await ask({ evidence: lines({ amount: line.amount * 2n, haircutPpm: 400_000 }) })).toEqual(['HAIRCUT_OTHER'])
  expect(await ask({ evidence: lines({ asset: Hash.ofText('another') }) })).toEqual(['ASSET_UNKNOWN'])
  // A share too small: all that is left less what south holds is certain for north.
  expect(await ask({ order: { credit: 0n }, evidence: { ...evidence, sharePpm: 0 } })).toEqual(['CREDIT_LOW'])
  expect(await ask({ order: { credit: worthOf(left) - before[1] - Kit.usd(1) } })).toEqual(['CREDIT_LOW'])
  // Accounts that are left out, or are somebody else's, and a document that says so.
  expect(await ask({ question: { holders: holders.filter((it) => it !== ofLinked) } })).toEqual(['HOLDER_HIDDEN'])
  expect(await ask({ question: { holders: [ofLinked] } })).toEqual(['HOLDER_HIDDEN'])
  expect(await ask({ question: { holders: [...holders, stranger] } })).toEqual(['HOLDER_OF_ANOTHER'])
  expect(await ask({ question: { documents: [] } })).toEqual(['DOCUMENT_MISSING'])
  expect(await ask({ question: { documents: [certified.document] } })).toEqual(['DOCUMENT_MISSING'])
  // Another time, sequence, epoch, evidence, book; nothing lowered.
  expect(await ask({ at: -120 })).toEqual(['ORDER_OLD'])
  expect(await ask({ at: 60 })).toEqual(['CLOCKS_APART'])
  expect(await ask({ order: { sequence: 0n } })).toEqual(['SEQUENCE_USED'])
  expect(await ask({ order: { sequence: 2n ** 63n } })).toEqual(['SEQUENCE_FAR'])
  expect(await ask({ order: { epoch: honest.epoch + 1 } })).toEqual(['EPOCH_OTHER'])
  expect(await ask({ order: { inputsHash: Hash.ofText('another') } })).toEqual(['EVIDENCE_HASH'])
  expect(await ask({ question: { limitBook: honest.venue } })).toEqual(['BOOK_UNKNOWN'])
  expect(await ask({ order: { venue: stranger } })).toEqual(['BOOK_UNKNOWN'])
  expect(await ask({ order: { credit: before[0] } })).toEqual(['NOT_LOWER'])
  // Sources that are silent.
  const sources = house.world.sources.harbour
  for (const source of sources) source.become({ kind: 'down' })
  expect(await ask()).toEqual(['RPC_QUORUM_LOST'])
  for (const source of sources) source.become({ kind: 'none' })
  expect([await held(north), await held(south)]).toEqual(before)

  // They are back: both books fall to their share of what is left, and the venue counts with it.
  for (const front of fronts) front.become({ kind: 'none' })
  const after = await Kit.until(
    async () => [await held(north), await held(south)] as const,
    ([one, other]) => one < before[0] && other < before[1],
    60,
  )
  const worth = worthOf(left)
  for (const [index, credit] of after.entries()) {
    const share = (worth * (before[index] ?? 0n)) / (before[0] + before[1])
    expect(credit).toBeGreaterThanOrEqual(share)
    expect(credit - share).toBeLessThan(Kit.usd(10))
  }
  const venue = await strait.publicClient.readContract({
    ...{ address: honest.venue, abi: perpVenueAbi, functionName: 'accountOf', args: [leaver.account.address] },
  })
  expect(venue.credit).toBe(after[0])
  await Kit.until(faults, (all) => !all.some((it) => it.includes('credit of')))

  // What was lowered for one venue's sake is not lowered for the other's again.
  await house.world.finalise()
  const lower = (signed: SignedLimit, credit: bigint) => {
    const liar = liarAt(signed)
    return liar.ask({ order: { credit, sequence: liar.honest.sequence + 100n } })
  }
  const slack = ((after[0] + after[1] - worth) * 9n) / 10n
  expect(await lower(north, after[0] - slack)).toEqual(['signed'])
  expect(await lower(south, after[1] - slack)).toEqual(['CREDIT_LOW'])
  expect(await lower(south, after[1] - 1n)).toEqual(['signed'])

  // What an earlier block had not: a dollar more.
  await Deployment.lock({ chain: harbour, manifest, account: linked, asset: 'USDC', amount: 10n ** 6n })
  await house.world.finalise()
  expect(await lower(south, after[1] - 1n)).toEqual(['EVIDENCE_LOW'])
}, 120_000)
