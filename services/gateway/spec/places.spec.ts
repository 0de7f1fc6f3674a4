/** A participant sees every place where it holds something; what nothing keeps there is worth money, and no limit. */
import { testTokenAbi } from '@plimsoll/contracts'
import { Deployment, type House } from '@plimsoll/localnet'
import { type Hex, parseUnits } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as Kit from './Kit.ts'

let house: House.House
beforeAll(async () => {
  // Sixteen blocks until a block is final: long enough to be seen before.
  house = await Kit.house({ world: { slotsInAnEpoch: 8 } })
}, 120_000)
afterAll(() => house?.stop())

const dollars = (amount: number) => parseUnits(`${amount}`, 6)
const one = <T>(values: readonly T[]): T => {
  const [value] = values
  if (value === undefined) throw new Error('there is none')
  return value
}

test('a fortune in a wallet and money at a venue are shown, and lend nothing; a deposit counts when it is final', async () => {
  const trader = one(await Kit.traders({ house, names: ['holder'], dollars: 5_000 }))
  const { account, client } = trader
  const { harbour, strait } = house.world.chains
  const { manifest } = house.world
  const key = { account: account.address, venue: Kit.venueId(house, 'north'), market: 'ETH-PERP' }
  const before = await Kit.until(
    () => client.getCollateral(),
    ({ credit }) => credit > 0n,
  )
  expect(before.places).toEqual([])
  expect(before.lots.map(({ custody, value, why }) => [custody, value, why])).toEqual([
    ['LOCKED', Kit.usd(5_000), expect.stringMatching(/^counts at/)],
  ])

  const token = one(manifest.vaults.filter(({ chainId }) => chainId === harbour.chainId)).tokens.find(({ asset }) => asset === 'USDC')
  const mint = { abi: testTokenAbi, functionName: 'mint', args: [account.address, dollars(1_000_000)] }
  await Deployment.write(harbour, account, { address: token?.token as Hex, ...mint })
  await Deployment.deposit({ chain: strait, manifest, account, venue: 'north', amount: dollars(700) })
  await house.world.finalise()
  const rich = await Kit.until(
    () => client.getCollateral(),
    ({ places }) => places.length === 2,
  )
  const places = new Map(rich.places.map((place) => [place.places.map(({ name }) => name).join(), place]))
  expect(places.get('wallet USDC')).toMatchObject({ chainId: harbour.chainId, custody: 'OBSERVED', value: Kit.usd(1_000_000) })
  expect(places.get('venue north')).toMatchObject({ chainId: strait.chainId, custody: 'OBSERVED', amount: dollars(700) })
  for (const { why } of rich.places) expect(why).toMatch(/^counts nothing/)
  expect(rich.credit).toBe(before.credit)
  expect((await client.getLimit(key)).limit.credit.total).toBe(before.credit)

  await Deployment.lock({ chain: harbour, manifest, account, asset: 'USDC', amount: dollars(300) })
  const arriving = await Kit.until(
    () => client.getCollateral(),
    (view) => view.arriving.length > 0,
  )
  expect(arriving.arriving).toMatchObject([{ asset: 'USDC', amount: dollars(300), value: Kit.usd(300) }])
  expect(arriving.credit).toBe(before.credit)
  await house.world.finalise()
  const landed = await Kit.until(
    () => client.getCollateral(),
    (view) => view.arriving.length === 0 && view.credit > before.credit,
  )
  expect(landed.lots.map(({ amount }) => amount)).toEqual([dollars(5_300)])

  const signed = Kit.granted(await client.issueLimit({ ...key, notional: Kit.usd(10_000) }))
  expect((await client.verifyLimit(signed)).status).toBe('valid')
}, 120_000)
