/**
 * A crash, with the liquidator killed every few seconds and one of three sources lying: every account that fails is sold or taken over by the backstop,
 * once, and in time; none that does not; and every cent is where it belongs.
 *
 * What is stated is judged by the chain alone: every account is read again at every block afterwards.
 */
import { backstopAbi, perpVenueAbi, testTokenAbi } from '@plimsoll/contracts'
import { Postgres, type Service } from '@plimsoll/localnet'
import { type Hex, numberToHex } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Kit from './Kit.ts'

const deep = process.env['PLIMSOLL_DEEP'] === '1'
const size = deep ? 1_000 : 30
const steps = deep ? 16 : 3
/** After each fall of the price it is killed, so much later at most: before, while and after it acts. */
const mostMs = deep ? 5_000 : 2_500
/** How long an account may be below its maintenance margin while its inputs are fresh: kills, restarts and a full queue in it. */
const mostSeconds = deep ? 60 : 30

/** Reproducible: the same accounts, lies and kills each time. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const random = seeded(11)
const traders: readonly Kit.Trader[] = Array.from({ length: size }, (_, i) => {
  const notional = Math.round((1_000 + random() * 9_000) * 100) / 100
  // From just above initial margin to two thirds of the notional; one in five is short.
  const share = 0.102 + random() ** 2 * 0.55
  return {
    account: numberToHex(0x1000_0000n + BigInt(i), { size: 20 }),
    long: random() > 0.2,
    notional,
    collateral: Math.round(notional * share * 100) / 100,
  }
})
const accounts = traders.map(({ account }) => account)

type View = { readonly account: Hex; readonly collateral: bigint; readonly unsettledLoss: bigint; readonly unpaidGain: bigint } & {
  readonly equity: bigint
  readonly mm: bigint
  readonly positions: readonly unknown[]
}
/** Sold or inherited; a fee is paid out, a penalty stays at the venue. */
type Closed = { readonly account: Hex; readonly blockNumber: bigint; readonly transaction: Hex; readonly fee: bigint; readonly by: Hex }
type Action = {
  readonly account: Hex
  readonly kind: 'liquidate' | 'inherit' | 'cover'
  readonly status: string
  readonly outcome: string | null
  readonly transaction: Hex | null
  readonly nonce: string
  readonly decision: { readonly block: { readonly number: string; readonly hash: Hex }; readonly verdict: { readonly status: string } }
}

let stage: Kit.Stage
/** The thousand stand on a server where there is one, as in production; the thirty on the embedded database. */
const postgres = deep ? await Postgres.start() : ({ status: 'missing' } as const)
let actions: readonly Action[] = []
let events: readonly Closed[] = []
let inherited = 0
let kills = 0
let from = 0n
let to = 0n
let poolBefore = 0n
let layersBefore = 0n
let feesAtOpen = 0n

const usdPerToken = 10n ** 12n

async function views(blockNumber: bigint): Promise<readonly View[]> {
  const found: View[] = []
  for (let at = 0; at < accounts.length; at += 200)
    found.push(
      ...((await stage.chain.publicClient.readContract({
        ...{ address: stage.venue, abi: perpVenueAbi, functionName: 'accountsOf', blockNumber },
        args: [accounts.slice(at, at + 200)],
      })) as readonly View[]),
    )
  return found
}

/** With something to close: who is closed may owe, and is not closed again. */
const isBelow = ({ equity, mm }: View) => mm > 0n && equity < mm
const sum = (values: readonly bigint[]) => values.reduce((a, b) => a + b, 0n)
const pool = (blockNumber?: bigint) =>
  stage.chain.publicClient.readContract({
    ...{ address: stage.venue, abi: perpVenueAbi, functionName: 'pool' },
    ...(blockNumber === undefined ? {} : { blockNumber }),
  })
const balance = (address: Hex) =>
  stage.chain.publicClient.readContract({ address: stage.token, abi: testTokenAbi, functionName: 'balanceOf', args: [address] })
/** What the backstop's layers have: junior, senior, and the insurance fund. */
const layers = async () => sum(await Promise.all(Object.values(stage.backstop).map(balance)))
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function asked(service: Service.Service): Promise<readonly Action[]> {
  const found: Action[] = []
  for (let before = ''; ; ) {
    const response = await fetch(`${service.url}/actions?limit=500${before}`)
    const { actions } = (await response.json()) as { readonly actions: readonly (Action & { readonly id: string })[] }
    found.push(...actions)
    if (actions.length < 500) return found
    before = `&before=${actions.at(-1)?.id}`
  }
}

beforeAll(
  async () => {
    stage = await Kit.stage()
    poolBefore = await pool()
    layersBefore = await layers()
    await stage.open(traders)
    feesAtOpen = (await pool()) - poolBefore
    await stage.tick()
    stage.sources[2]?.become(Kit.lies())
    const env: Readonly<Record<string, string>> = postgres.status === 'running' ? { DATABASE_URL: postgres.url } : {}
    let service = await stage.start({ env })
    // The guards trust no price before they saw it several times, and nobody is liquidated in the grace after that.
    await Kit.ready(service)
    from = await stage.chain.publicClient.getBlockNumber()

    let price = 3_000
    for (let step = 0; step < steps; step += 1) {
      price *= deep ? 0.975 : 0.9
      await stage.price(price)
      await wait(300 + Math.floor(random() * mostMs))
      service.kill('SIGKILL')
      await service.exited
      kills += 1
      service = await stage.start({ env })
    }
    // Until nobody is left below, as long as is stated and no longer.
    for (const end = Date.now() + mostSeconds * 1_000; Date.now() < end; await wait(1_000)) {
      const now = await views(await stage.chain.publicClient.getBlockNumber())
      if (!now.some(isBelow)) break
    }
    to = await stage.chain.publicClient.getBlockNumber()
    // Final is two blocks later; then everything is over.
    for (const end = Date.now() + 40_000; Date.now() < end; await wait(1_000)) {
      actions = await asked(service).catch(() => [])
      if (actions.length > 0 && actions.every(({ status }) => status === 'final')) break
    }
    const logs = await stage.chain.publicClient.getContractEvents({
      ...{ address: stage.venue, abi: perpVenueAbi, eventName: 'Liquidated' },
      ...{ fromBlock: 0n, strict: true },
    })
    const taken = await stage.chain.publicClient.getContractEvents({
      ...{ address: stage.backstop.address, abi: backstopAbi, eventName: 'Inherited' },
      ...{ fromBlock: 0n, strict: true },
    })
    inherited = taken.length
    events = [
      ...logs.map(({ args, ...log }) => ({ ...log, account: args.account, fee: args.fee, by: args.liquidator })),
      ...taken.map(({ args, ...log }) => ({ ...log, account: args.account, fee: 0n, by: args.caller })),
    ].map(({ account, by, blockNumber, transactionHash, fee }) => ({
      ...{ blockNumber, transaction: transactionHash, fee },
      ...{ account: account.toLowerCase() as Hex, by: by.toLowerCase() as Hex },
    }))
  },
  deep ? 900_000 : 120_000,
)

afterAll(async () => {
  await stage?.[Symbol.asyncDispose]()
  if (postgres.status === 'running') await postgres.stop()
})

describe(`${size} accounts through a crash, the liquidator killed every few seconds, one source lying`, () => {
  test('it was killed, and there was something to do', () => {
    expect(kills).toBe(steps)
    expect(events.length).toBeGreaterThan(size / 10)
    expect(events.length).toBeLessThan(size)
    expect(new Set(events.map(({ by }) => by))).toEqual(new Set([stage.liquidator]))
    expect(inherited).toBeGreaterThan(0)
  })

  test('no account is sold or inherited twice, or both, and each action has one effect', async () => {
    expect(new Set(events.map(({ account }) => account)).size).toBe(events.length)
    const done = actions.filter(({ kind, outcome }) => kind !== 'cover' && outcome === 'done')
    expect(done.map(({ transaction }) => transaction).sort()).toEqual(events.map(({ transaction }) => transaction).sort())
    expect(new Set(actions.map(({ nonce }) => nonce)).size).toBe(actions.length)
    const sent = await stage.chain.publicClient.getTransactionCount({ address: stage.liquidator })
    expect(sent).toBe(actions.length)
  })

  test('none was healthy at the block that its decision names', async () => {
    for (const { account, kind, decision } of actions) {
      if (kind === 'cover') continue
      const { number, hash } = decision.block
      const block = await stage.chain.publicClient.getBlock({ blockNumber: BigInt(number) })
      expect(block.hash).toBe(hash)
      const view = await stage.chain.publicClient.readContract({
        ...{ address: stage.venue, abi: perpVenueAbi, functionName: 'accountOf', args: [account], blockNumber: BigInt(number) },
      })
      expect(view.equity).toBeLessThan(view.mm)
      expect(decision.verdict.status).toBe('due')
    }
  })

  test(`none was below its maintenance margin for more than ${mostSeconds} s`, async () => {
    const since = new Map<Hex, number>()
    const lasted: number[] = []
    for (let number = from; number <= to; number += 1n) {
      const { timestamp } = await stage.chain.publicClient.getBlock({ blockNumber: number })
      for (const view of await views(number)) {
        const { account } = view
        const began = since.get(account)
        if (isBelow(view) && began === undefined) since.set(account, Number(timestamp))
        if (!isBelow(view) && began !== undefined) {
          lasted.push(Number(timestamp) - began)
          since.delete(account)
        }
      }
    }
    const ordered = lasted.sort((a, b) => a - b)
    process.stderr.write(
      `liquidator: ${size} accounts, ${kills} kills, ${events.length} closed, ${inherited} of them inherited, ${actions.length} actions, below for ` +
        `${ordered[Math.floor(ordered.length / 2)]} s in the median and ${ordered.at(-1)} s at most, over ${to - from} blocks\n`,
    )
    expect(since.size).toBe(0)
    expect(lasted.length).toBe(events.length)
    expect(ordered.at(-1)).toBeLessThanOrEqual(mostSeconds)
  })

  test('every cent is accounted for', async () => {
    const now = await views(await stage.chain.publicClient.getBlockNumber())
    // A penalty is the backstop's collateral there, and who called for it has a share of it.
    const others = await Promise.all(
      [stage.backstop.address, stage.liquidator].map((account) =>
        stage.chain.publicClient.readContract({ address: stage.venue, abi: perpVenueAbi, functionName: 'accountOf', args: [account] }),
      ),
    )
    const collateral = sum([...now, ...others].map((view) => view.collateral)) / usdPerToken
    const deposited = sum(traders.map((trader) => Kit.cents(trader.collateral)))
    const fees = sum(events.map(({ fee }) => fee)) / usdPerToken
    const paid = layersBefore - (await layers())
    expect(await balance(stage.liquidator)).toBe(fees)
    expect(await balance(stage.venue)).toBe(collateral + (await pool()))
    expect(await balance(stage.venue)).toBe(deposited + poolBefore - fees + paid)
    // What left accounts, or the layers paid for them, is in the pool, with the liquidators, or owed to nobody.
    expect(deposited - collateral + paid).toBe(fees + (await pool()) - poolBefore)
    expect(sum(now.map((view) => view.unsettledLoss))).toBe(0n)
    expect(feesAtOpen).toBeGreaterThan(0n)
  })
})
