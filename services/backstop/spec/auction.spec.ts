/** A position is inherited on a real chain: without a bidder nothing is sold, and a desk bids once the discount pays for the risk. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { backstopAbi, Market, perpVenueAbi, testTokenAbi } from '@plimsoll/contracts'
import { Deployment, Service, Wallet, World } from '@plimsoll/localnet'
import type { Address } from 'viem'
import { expect, test } from 'vitest'

const one = 10n ** 18n
const eth = Market.id('ETH-PERP')
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const [alice, bidder] = [Wallet.of('alice'), Wallet.of('bidder')]

test('a lot is inherited, kept while nobody bids, and bought by a desk; money is conserved', { timeout: 120_000 }, async () => {
  await using world = await World.start({ backstop: { auctionSeconds: 60 } })
  const chain = world.chains.strait
  const [venue] = world.manifest.venues
  if (!venue) throw new Error('a venue was deployed')
  const backstop = venue.backstop.address
  const home = await mkdtemp(join(tmpdir(), 'plimsoll-backstop-'))
  const at = { chain, manifest: world.manifest, venue: venue.name }
  const sizeOf = (account: Address) =>
    chain.publicClient.readContract({ address: venue.address, abi: perpVenueAbi, functionName: 'sizeOf', args: [account, eth] })
  const held = async () => {
    const places = [venue.address, backstop, venue.backstop.junior, venue.backstop.senior]
    const read = (account: Address) =>
      chain.publicClient.readContract({ address: venue.collateral.token, abi: testTokenAbi, functionName: 'balanceOf', args: [account] })
    return (await Promise.all(places.map(read))).reduce((sum, amount) => sum + amount, 0n)
  }
  try {
    await Deployment.deposit({ ...at, account: alice, amount: 1_300_000_000n })
    await Deployment.deposit({ ...at, account: bidder, amount: 50_000_000_000n })
    const open = { address: venue.address, abi: perpVenueAbi, functionName: 'open', args: [eth, 10n * one, 2n ** 256n - 1n] }
    await Deployment.write(chain, alice, open)
    // Equity of 285 on 29,000: all of it is left behind, a twentieth for the call, and 0.93 % for whoever buys.
    await world.price('ETH-PERP', '2900')
    const before = await held()
    await Deployment.write(chain, bidder, { address: backstop, abi: backstopAbi, functionName: 'inherit', args: [alice.address, eth] })
    expect(await sizeOf(backstop)).toBe(10n * one)

    // Nobody bids: time passes, the price stands at its floor, and nothing is sold.
    for (let i = 0; i < 100; i++) await chain.mine(1)
    const offer = await chain.publicClient.readContract({ address: backstop, abi: backstopAbi, functionName: 'offerOf', args: [eth] })
    expect(offer.inventory).toBe(10n * one)
    expect(offer.price * 5n).toBeGreaterThanOrEqual(offer.mark * 4n)
    expect(await held()).toBe(before)

    world.live()
    const config = join(home, 'deployment.json')
    await world.write(config)
    await using desk = await Service.start({
      ...{ name: 'backstop', entry: main, log: join(home, 'backstop.log') },
      env: {
        PORT: '0',
        PLIMSOLL_CONFIG: config,
        PLIMSOLL_HOME: home,
        BACKSTOP_KEY: Wallet.privateKeyOf('bidder'),
        TICK_MS: '200',
        HORIZON_SECONDS: '600',
      },
    })
    let said = ''
    for (let i = 0; i < 60 && (await sizeOf(bidder.address)) === 0n; i++) {
      await new Promise((resolve) => setTimeout(resolve, 1_000))
      said = await (await fetch(`${desk.url}/status`)).text()
    }
    const bought = await sizeOf(bidder.address)
    expect(bought, said).toBeGreaterThan(0n)
    expect(bought + (await sizeOf(backstop))).toBe(10n * one)
    expect(await held()).toBe(before)
  } finally {
    await rm(home, { recursive: true, force: true })
  }
})
