/** A feed dies: a grain of its asset keeps nobody from being called and marked down, and whoever has a sack of it waits until it is back. */
import { fileURLToPath } from 'node:url'
import { collateralVaultAbi, Hash, limitBookAbi, Release } from '@plimsoll/contracts'
import { Deployment, type House, Service, Wallet } from '@plimsoll/localnet'
import type { SignedLimit } from '@plimsoll/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as Kit from './Kit.ts'

const entry = fileURLToPath(new URL('../../signer/src/main.ts', import.meta.url))
const names = ['signer one', 'signer two', 'signer three'] as const
const ether = 10n ** 18n
const env = { RELAY_KEY: Wallet.privateKeyOf('relay') }

let house: House.House
let signers: Service.Service[] = []
let gateway: Service.Service
let count = 0

beforeAll(async () => {
  house = await Kit.house({ gateway: { env } })
  gateway = house.gateway
  await house.world.chains.strait.fund([Wallet.of('relay').address])
}, 180_000)
afterAll(async () => {
  await Promise.all(signers.map((signer) => signer.stop()))
  await house?.stop()
})

/** What makes a gateway sign this way: with keys of its own, or by two of three signers that each read for themselves. */
async function signingOf(kind: 'local' | 'quorum'): Promise<Readonly<Record<string, string>>> {
  if (kind === 'local') return env
  signers = await Promise.all(
    names.map((name) =>
      Service.start({
        ...{ name, entry, log: `${house.home}/logs/${name}.log` },
        env: { PORT: '0', PLIMSOLL_CONFIG: `${house.home}/deployment.json`, SIGNER_KEY: Wallet.privateKeyOf(name) },
      }),
    ),
  )
  const members = signers.map(({ url }, i) => `${Wallet.of(names[i] ?? '').address}@${url}`).join(',')
  return { ...env, SIGNER: 'quorum', SIGNER_MEMBERS: members, SIGNER_THRESHOLD: '2' }
}

/** One gateway in the place of the last. */
async function replace(own: Readonly<Record<string, string>>): Promise<void> {
  await gateway.stop()
  count += 1
  gateway = await house.openGateway({ name: `gateway ${count}`, env: own })
}

const held = ({ certificate: { account, venue }, limitBook }: SignedLimit) =>
  house.world.chains.strait.publicClient.readContract({
    ...{ address: limitBook, abi: limitBookAbi, functionName: 'creditOf', args: [account, venue] },
  })

/** Half of what backs the certificate stays, at the price given, and everything else leaves by a release. */
async function leave({ account }: Kit.Trader, price: number, { certificate: { credit } }: SignedLimit): Promise<void> {
  const { lagoon } = house.world.chains
  const vault = house.world.manifest.vaults.find(({ chainId }) => chainId === lagoon.chainId)
  const token = vault?.tokens.find(({ asset }) => asset === 'WETH')?.token
  if (!vault || !token) throw new Error('there is a vault with WETH')
  const order: Release.Release = {
    ...{ id: Hash.ofText(`leaving ${account.address}`), account: account.address, token, to: account.address },
    ...{ amount: ether - (credit * 50n) / BigInt(Math.round(price * 100)), epoch: 1 },
    deadline: BigInt(Math.floor(Date.now() / 1000) + 3_600),
  }
  const at = { chainId: lagoon.chainId, verifyingContract: vault.address }
  const word = await Wallet.of('release signer').signTypedData(Release.typedData(order, at))
  const call = { address: vault.address, abi: collateralVaultAbi, functionName: 'release', args: [order, [word]] }
  await Deployment.write(lagoon, account, call)
}

for (const kind of ['local', 'quorum'] as const)
  test(`with SIGNER=${kind} a real loss is marked down in spite of a grain whose feed is dead, and not in spite of a sack`, async () => {
    const own = await signingOf(kind)
    await replace(own)
    const { url } = gateway
    const { manifest, chains } = house.world
    const price = Number(house.prices.get('ETH-PERP') ?? '3000')
    // What is in doubt later: a cent of USDC, and three hundred dollars.
    const named = (name: string, dollars: number) => Kit.traders({ house, names: [`${name}, ${kind}`], dollars, gateway: url })
    const traders = [...(await named('grain', 0.01)), ...(await named('sack', 300))]
    const [grain, sack] = traders
    if (!grain || !sack) throw new Error('two traders were asked for')
    for (const { account } of traders) await Deployment.lock({ chain: chains.lagoon, manifest, account, asset: 'WETH', amount: ether })
    await house.world.finalise()
    const signed: SignedLimit[] = []
    for (const { account, client } of traders) {
      const key = { account: account.address, venue: Kit.venueId(house, 'north'), market: 'BTC-PERP', notional: Kit.usd(60_000) }
      const issued = await Kit.until(
        () => client.issueLimit(key),
        ({ status }) => status === 'issued',
      )
      signed.push(Kit.granted(issued))
    }
    const [small, large] = signed
    if (!small || !large) throw new Error('two were issued')
    for (const one of signed) await Kit.post(house, one)
    await house.world.finalise()
    const before = [await held(small), await held(large)] as const

    // Dead wherever it is asked: for gateway and signers, and for the book, which has no price of it and takes no order that names it.
    await house.world.price('USDC', '0')
    const faults = async () => ((await (await fetch(`${gateway.url}/v1/health`)).json()) as { readonly faults: readonly string[] }).faults
    await Kit.until(faults, (all) => all.some((it) => it.includes('ORACLE_NON_POSITIVE')))
    // A gateway that starts now knows the last price that another knew.
    await replace(own)
    expect([await held(small), await held(large)]).toEqual(before)
    await leave(grain, price, small)
    await leave(sack, price, large)
    await house.world.finalise()

    const after = await Kit.until(
      () => held(small),
      (credit) => credit < before[0],
      60,
    )
    // Half of it, less the haircuts of ether, and five cents: the most that a cent of which the feed is dead may be worth.
    const half = before[0] / 2n + Kit.usd(1) / 20n
    expect(after).toBeGreaterThan((half * 7n) / 10n)
    expect(after).toBeLessThan((half * 1_003n) / 1_000n)
    const logs = await chains.strait.publicClient.getContractEvents({
      ...{ address: small.limitBook, abi: limitBookAbi, eventName: 'MarkedDown', args: { account: grain.account.address }, fromBlock: 0n },
    })
    expect(logs).toHaveLength(1)
    // The floor of the book stands on the ether alone: the credit is above it by the cents besides.
    expect(after).toBeGreaterThan(logs[0]?.args.floor ?? 0n)

    // Three hundred may be worth all that has left.
    await new Promise((resolve) => setTimeout(resolve, 6_000))
    expect(await held(large)).toBe(before[1])
    // Once it is known that they are not, nothing is left in doubt.
    await house.world.price('USDC', '1')
    await Kit.until(
      () => held(large),
      (credit) => credit < before[1],
      60,
    )
  }, 240_000)
