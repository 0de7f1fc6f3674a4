/** What the acceptance specs stand on: the real house, real wallets, real requests over the network. */
import { join } from 'node:path'
import { limitBookAbi, perpVenueAbi } from '@plimsoll/contracts'
import { Deployment, House, Wallet } from '@plimsoll/localnet'
import { createMarginClient, http, type Issued, type MarginClient, type SignedLimit } from '@plimsoll/sdk'
import * as Template from '@plimsoll/store/testing'
import { SyntheticMarket } from '@plimsoll/volatility'
import { type Hex, type PrivateKeyAccount, parseUnits } from 'viem'

export const usd = (dollars: number): bigint => BigInt(dollars) * 10n ** 18n
const intervalSeconds = 300
const bars = 30 * 288

/** A house over a seeded month. */
export function house(options: Partial<Pick<House.start.Options, 'gateway' | 'world'>> = {}): Promise<House.House> {
  const now = Math.floor(Date.now() / 1000)
  const market = SyntheticMarket.generate({
    seed: 11,
    startAt: (Math.floor(now / intervalSeconds) - bars) * intervalSeconds,
    intervalSeconds,
    bars,
    assets: [
      { symbol: 'ETH-PERP', price: 3_000, volatility: 0.9 },
      { symbol: 'BTC-PERP', price: 60_000, volatility: 0.65 },
    ],
  })
  const prepare = (home: string) => Template.lay(join(home, 'database'))
  return House.start({ home: null, prepare, market, intervalSeconds, ...options })
}

export type Trader = { readonly account: PrivateKeyAccount; readonly client: MarginClient; readonly participantId: Hex }

/** Somebody with `dollars` of USDC locked on harbour, final, and signed in at every gateway given. */
export async function traders(args: {
  readonly house: House.House
  readonly names: readonly string[]
  readonly dollars: number
  readonly gateway?: string
}): Promise<Trader[]> {
  const { house, names, dollars, gateway = house.gateway.url } = args
  const accounts = names.map(Wallet.of)
  for (const account of accounts)
    await Deployment.lock({
      chain: house.world.chains.harbour,
      manifest: house.world.manifest,
      account,
      asset: 'USDC',
      amount: parseUnits(`${dollars}`, 6),
    })
  await house.world.finalise()
  return Promise.all(
    accounts.map(async (account) => {
      const client = createMarginClient({ transport: http(gateway) })
      const { participantId } = await client.signIn({ account })
      return { account, client, participantId }
    }),
  )
}

export function venueId(house: House.House, name: 'north' | 'south'): string {
  const venue = house.world.manifest.venues.find((it) => it.name === name)
  if (!venue) throw new Error(`no venue ${name}`)
  return `eip155:${venue.chainId}:${venue.address}`
}

export const addressOf = (id: string): Hex => id.split(':')[2] as Hex

/** Posts a certificate on chain. */
export async function post(house: House.House, signed: SignedLimit): Promise<void> {
  const { strait } = house.world.chains
  const poster = Wallet.of('poster')
  if ((await strait.publicClient.getBalance({ address: poster.address })) === 0n) await strait.fund([poster.address])
  await Deployment.write(strait, poster, {
    address: signed.limitBook,
    abi: limitBookAbi,
    functionName: 'accept',
    args: [signed.certificate, signed.signatures],
  })
}

/** Opens a long of `notional` USD at a venue, or reduces everything with 0. */
export async function trade(
  house: House.House,
  args: { readonly venue: string; readonly trader: Trader; readonly symbol: string; readonly notional: bigint },
): Promise<void> {
  const { strait } = house.world.chains
  const address = addressOf(args.venue)
  const id = house.world.manifest.markets.find((it) => it.symbol === args.symbol)?.id
  if (!id) throw new Error(`no market ${args.symbol}`)
  if (args.notional === 0n) {
    const { positions } = await strait.publicClient.readContract({
      address,
      abi: perpVenueAbi,
      functionName: 'accountOf',
      args: [args.trader.account.address],
    })
    const size = positions.find((it) => it.market === id)?.size ?? 0n
    const worst = size > 0n ? 0n : 2n ** 200n
    await Deployment.write(strait, args.trader.account, {
      address,
      abi: perpVenueAbi,
      functionName: 'reduce',
      args: [id, size < 0n ? -size : size, worst],
    })
    return
  }
  const { price } = await strait.publicClient.readContract({ address, abi: perpVenueAbi, functionName: 'marketOf', args: [id] })
  await Deployment.write(strait, args.trader.account, {
    address,
    abi: perpVenueAbi,
    functionName: 'open',
    args: [id, (args.notional * 10n ** 18n) / price, price * 2n],
  })
}

/** The certificate, or a failure that says why not. */
export function granted(answer: Issued): SignedLimit {
  if (answer.status === 'refused') throw new Error(`${answer.code}: ${answer.message}`)
  return answer.signed
}

/** Asks until `holds`, once every half second. */
export async function until<T>(ask: () => Promise<T>, holds: (value: T) => boolean, seconds = 60): Promise<T> {
  const end = Date.now() + seconds * 1000
  for (;;) {
    const value = await ask()
    if (holds(value)) return value
    if (Date.now() > end)
      throw new Error(`not within ${seconds} s: ${JSON.stringify(value, (_, it: unknown) => (typeof it === 'bigint' ? `${it}` : it))}`)
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}
