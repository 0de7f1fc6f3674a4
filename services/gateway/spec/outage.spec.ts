/** Every signer is away for 48 hours of a clock that is put forward: what is open stays open, only new risk waits. */
import { fileURLToPath } from 'node:url'
import { perpVenueAbi } from '@plimsoll/contracts'
import { Deployment, House, Service, Wallet } from '@plimsoll/localnet'
import { MarginError } from '@plimsoll/sdk'
import { SyntheticMarket } from '@plimsoll/volatility'
import { parseUnits } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as Clock from './Clock.ts'
import * as Front from './Front.ts'
import * as Kit from './Kit.ts'

const entry = fileURLToPath(new URL('../../signer/src/main.ts', import.meta.url))
const names = ['signer one', 'signer two', 'signer three'] as const
const intervalSeconds = 300
const past = 30 * 288
const [hours, stepHours] = [48, 4]

let clock: Clock.Clock
let house: House.House
let market: Awaited<ReturnType<typeof SyntheticMarket.generate>>
let fronts: Front.Front[]
let signers: Service.Service[]
let trader: Kit.Trader
let key: { readonly account: `0x${string}`; readonly venue: string; readonly market: string }

beforeAll(async () => {
  clock = Clock.open()
  const now = Math.floor(Date.now() / 1000)
  market = SyntheticMarket.generate({
    ...{ seed: 11, startAt: (Math.floor(now / intervalSeconds) - past) * intervalSeconds, intervalSeconds, bars: past + hours * 12 },
    assets: [
      { symbol: 'ETH-PERP', price: 3_000, volatility: 0.9 },
      { symbol: 'BTC-PERP', price: 60_000, volatility: 0.65 },
    ],
  })
  const until = Object.fromEntries(Object.entries(market).map(([symbol, bars]) => [symbol, bars.slice(0, past)]))
  house = await House.start({ home: null, market: until, intervalSeconds })
  await house.gateway.stop()
  signers = await Promise.all(
    names.map((name) =>
      Service.start({
        ...{ name, entry, log: `${house.home}/logs/${name}.log` },
        env: { PORT: '0', PLIMSOLL_CONFIG: `${house.home}/deployment.json`, SIGNER_KEY: Wallet.privateKeyOf(name) },
      }),
    ),
  )
  fronts = await Promise.all(signers.map(({ url }) => Front.start(url)))
  const members = fronts.map(({ url }, i) => `${Wallet.of(names[i] ?? '').address}@${url}`).join(',')
  const gateway = await house.openGateway({
    name: 'quorum',
    env: { SIGNER: 'quorum', SIGNER_MEMBERS: members, SIGNER_THRESHOLD: '2', SIGNER_TIMEOUT_MS: '2500' },
  })
  const [first] = await Kit.traders({ house, names: ['patient'], dollars: 10_000, gateway: gateway.url })
  if (!first) throw new Error('one trader was asked for')
  trader = first
  key = { account: trader.account.address, venue: Kit.venueId(house, 'north'), market: 'ETH-PERP' }
}, 180_000)

afterAll(async () => {
  clock?.restore()
  await Promise.all((fronts ?? []).map((front) => front.stop()))
  await Promise.all((signers ?? []).map((signer) => signer.stop()))
  await house?.stop()
})

/** Puts every clock forward: processes, chains, and the market with its bars. Prices stay as they are. */
async function advance(from: number): Promise<void> {
  const { chains } = house.world
  clock.advance(stepHours * 3_600)
  await Promise.all(Object.values(chains).map((chain) => chain.advance(stepHours * 3_600)))
  for (const [symbol, price] of house.prices) await house.world.price(symbol, price)
  await house.world.price('USDC', '1')
  await house.world.finalise()
  for (const [symbol, bars] of Object.entries(market)) {
    const body = JSON.stringify({ symbol, intervalSeconds, bars: bars.slice(past + (from - stepHours) * 12, past + from * 12) })
    const response = await fetch(`${house.forecaster.url}/bars`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    if (!response.ok) throw new Error(await response.text())
  }
}

/** The account at the venue, and whether anybody may liquidate it. */
async function stand() {
  const { strait } = house.world.chains
  const address = Kit.addressOf(key.venue)
  const account = await strait.publicClient.readContract({ address, abi: perpVenueAbi, functionName: 'accountOf', args: [key.account] })
  const id = house.world.manifest.markets.find(({ symbol }) => symbol === key.market)?.id ?? '0x'
  const liquidatable = await strait.publicClient
    .simulateContract({
      address,
      abi: perpVenueAbi,
      functionName: 'liquidate',
      args: [key.account, id],
      account: Wallet.of('keeper').address,
    })
    .then(
      () => true,
      () => false,
    )
  return { ...account, liquidatable }
}

async function codeOf(dollars: number): Promise<string> {
  try {
    const answer = await trader.client.issueLimit({ ...key, notional: Kit.usd(dollars) })
    return answer.status === 'issued' ? 'ISSUED' : answer.code
  } catch (error) {
    if (error instanceof MarginError) return error.code
    throw error
  }
}

test(`${hours} hours without a signer: nobody is liquidated, maintenance margin stays, and only new risk waits`, async () => {
  const { strait } = house.world.chains
  await strait.fund([key.account])
  await Kit.post(house, Kit.granted(await trader.client.issueLimit({ ...key, notional: Kit.usd(100_000) })))
  await Deployment.deposit({
    ...{ chain: strait, manifest: house.world.manifest, account: trader.account, venue: 'north', amount: parseUnits('100', 6) },
  })
  await Kit.trade(house, { venue: key.venue, trader, symbol: key.market, notional: Kit.usd(90_000) })
  const before = await stand()
  expect(before.liquidatable).toBe(false)

  for (const front of fronts) front.become({ kind: 'down' })
  await house.world.finalise()
  const encumbered = await Kit.until(
    async () => (await trader.client.getCollateral()).encumbered,
    (value) => value > 0n,
  )
  const rows = [
    { hour: 0, im: before.im, mm: before.mm, equity: before.equity, credit: before.credit, encumbered, raise: '', called: false },
  ]
  let liquidations = 0
  for (let hour = stepHours; hour <= hours; hour += stepHours) {
    await advance(hour)
    await Kit.until(
      async () => {
        try {
          await trader.client.signIn({ account: trader.account })
          return (await trader.client.getLimit(key)).limit.bounds.map(({ code }) => code)
        } catch (error) {
          return [String(error)]
        }
      },
      (bounds) => !bounds.some((it) => /STALE|Error|UNAVAILABLE/.test(it)),
    )
    const now = await stand()
    if (now.liquidatable) liquidations += 1
    const called = (await trader.client.getLimit(key)).limit.bounds.some(({ code }) => code === 'MARGIN_CALL')
    // Prices and views come one after the other when every clock was put forward: what is refused for them is asked again.
    const raise = await Kit.until(
      () => codeOf(110_000),
      (code) => code === 'SIGNERS_UNAVAILABLE' || code === 'ISSUED',
    )
    const bound = (await trader.client.getCollateral()).encumbered
    const { im, mm, equity, credit } = now
    rows.push({ hour, im, mm, equity, credit, encumbered: bound, raise, called })
    // The position is what it was: its size, its entry, what it would lose.
    expect(now.positions.map(({ size, entryPrice, unrealised }) => [size, entryPrice, unrealised])).toEqual(
      before.positions.map(({ size, entryPrice, unrealised }) => [size, entryPrice, unrealised]),
    )
  }
  const whole = (value: bigint) => (value / 10n ** 18n).toString().padStart(7)
  process.stdout.write(
    `\n   hour      IM      MM  equity  credit  a raise (USD)\n${rows.map(({ hour, im, mm, equity, credit, raise }) => `   ${`${hour}`.padStart(4)} ${[im, mm, equity, credit].map(whole).join(' ')}  ${raise}`).join('\n')}\n   liquidations caused: ${liquidations}\n`,
  )

  expect(liquidations).toBe(0)
  const [first, ...rest] = rows
  for (const row of rest) {
    expect(row.mm).toBe(first?.mm)
    expect(row.credit).toBe(first?.credit)
    expect(row.equity).toBe(first?.equity)
    // What is bound is what is open, at the rate of the last certificate: the end of it frees nothing in use, and calls for nothing more.
    expect(row.encumbered).toBeLessThanOrEqual(first?.encumbered ?? 0n)
    expect(row.encumbered - (first?.im ?? 0n)).toBeGreaterThanOrEqual(0n)
    expect(row.encumbered - (first?.im ?? 0n)).toBeLessThanOrEqual(1n)
    expect(row.raise).toBe('SIGNERS_UNAVAILABLE')
    expect(row.called).toBe(false)
  }
  // Initial margin goes from the personal rate to the venue's static one when the certificate ends, once (decision 9), and no further.
  const margins = rows.map(({ im }) => im)
  const { strait: chain } = house.world.chains
  const market = house.world.manifest.markets.find(({ symbol }) => symbol === key.market)?.id ?? '0x'
  const terms = await chain.publicClient.readContract({
    ...{ address: Kit.addressOf(key.venue), abi: perpVenueAbi, functionName: 'marketOf', args: [market] },
  })
  const notional = before.positions[0]?.notional ?? 0n
  expect(margins.slice(1)).toEqual(rest.map(() => (notional * BigInt(terms.imPpm) + 999_999n) / 1_000_000n))
  expect(margins[0]).toBeLessThan(margins[1] ?? 0n)

  // A deposit helps as ever, and takes nobody's signature.
  const { equity } = await stand()
  await Deployment.deposit({
    ...{ chain: strait, manifest: house.world.manifest, account: trader.account, venue: 'north', amount: parseUnits('5', 6) },
  })
  expect((await stand()).equity - equity).toBe(Kit.usd(5))

  // Reducing needs nobody.
  const { positions } = await stand()
  const [position] = positions
  if (!position) throw new Error('a position is open')
  await Deployment.write(strait, trader.account, {
    ...{ address: Kit.addressOf(key.venue), abi: perpVenueAbi, functionName: 'reduce', args: [position.market, position.size / 2n, 0n] },
  })

  for (const front of fronts) front.become({ kind: 'none' })
  const back = await Kit.until(
    () => codeOf(100_000),
    (code) => code === 'ISSUED',
    40,
  )
  expect(back).toBe('ISSUED')

  // The question can be answered otherwise: a price that falls by a tenth liquidates, signers or not.
  await house.world.price(key.market, (Number(house.prices.get(key.market)) * 0.9).toFixed(2))
  expect((await stand()).liquidatable).toBe(true)
}, 240_000)
