/** A chain with a venue full of accounts, as a crash finds it: deployed as the demo deploys it, opened at one price, and stopped in time. */
import { Market, mandatesAbi, perpVenueAbi, testTokenAbi } from '@plimsoll/contracts'
import { Anvil, Deployment, Impersonation, Wallet, World } from '@plimsoll/localnet'
import { type Abi, encodeFunctionData, type Hex, multicall3Abi, parseUnits } from 'viem'
import * as Book from './Book.ts'
import type * as Outside from './Outside.ts'

/** `north`: nothing before the threshold, nobody behind it. `south`: mandates, a backstop and its desk. */
export type Name = 'north' | 'south'

export type Stage = AsyncDisposable & {
  readonly name: Name
  readonly world: World.World
  readonly chain: Anvil.Anvil
  readonly venue: Hex
  readonly mandates: Hex
  readonly backstop: { readonly address: Hex; readonly junior: Hex; readonly senior: Hex }
  readonly feed: Hex
  readonly token: Hex
  readonly traders: readonly Book.Trader[]
  /** The deployment that this side's services read. */
  readonly document: Readonly<Record<string, unknown>>
}

export const symbol = 'ETH-PERP'
export const market = Market.id(symbol)
/** Where it starts. USD. */
export const price = 3_000

/** Who acts: a liquidator, and a desk that bids with money of its own. */
export const [liquidator, desk] = Wallet.all(['liquidator', 'crash desk']) as [Account, Account]
type Account = ReturnType<typeof Wallet.of>

/** What the desk bids with. USD. */
export const deskCapital = 1_000_000

/** What everybody allows in the south: half a position in five minutes, at no more than half a percent from the index. */
const mandate = { maxSharePpm: 500_000, maxSlippagePpm: 5_000 } as const

/** Sets the stage: one world, its book opened. */
export async function set(args: set.Args): Promise<Stage> {
  const { name, traders, impact } = args
  const { mmPpm, imPpm, feePpm, liquidationFeePpm } = Book.terms
  const world = await World.start({ venueTerms: { mmPpm, imPpm, feePpm, liquidationFeePpm } })
  try {
    const chain = world.chains.strait
    const [venue] = world.manifest.venues
    const listed = world.manifest.markets.find((it) => it.symbol === symbol)
    if (!venue || !listed) throw new Deployment.NotDeployedError({ chainId: chain.chainId, what: 'a venue with a market' })
    const token = venue.collateral.token
    await chain.fund([liquidator.address, desk.address])
    const deposits = traders.map(({ account, deposit }) => ({ account, amount: deposit }))
    if (name === 'south') deposits.push({ account: desk.address, amount: Book.cents(deskCapital) })
    await depositAll(chain, { venue: venue.address, token, deposits })
    const call = (account: Hex, to: Hex, abi: Abi, functionName: string, args: readonly unknown[]) => ({
      ...{ from: account, to, data: encodeFunctionData({ abi, functionName, args }) },
    })
    await Impersonation.send(
      chain,
      traders.map(({ account, size }) => call(account, venue.address, perpVenueAbi, 'open', [market, size, size > 0n ? 2n ** 200n : 0n])),
    )
    if (name === 'south') {
      await world.owner({ address: venue.mandates, abi: mandatesAbi, functionName: 'setKeeper', args: [liquidator.address, true] })
      const expiresAt = (await chain.publicClient.getBlock()).timestamp + 86_400n
      const granted = [`0x${'0'.repeat(40)}`, market, { ...mandate, expiresAt }]
      await Impersonation.send(
        chain,
        traders.map(({ account }) => call(account, venue.mandates, mandatesAbi, 'grantMandate', granted)),
      )
    }
    await chain.testClient.setAutomine(false)
    return {
      ...{
        name,
        world,
        chain,
        token,
        traders,
        venue: venue.address,
        mandates: venue.mandates,
        backstop: venue.backstop,
        feed: listed.feed,
      },
      document: documentOf(world, name, impact),
      [Symbol.asyncDispose]: () => world.stop(),
    }
  } catch (error) {
    await world.stop()
    throw error
  }
}

export declare namespace set {
  type Args = { readonly name: Name; readonly traders: readonly Book.Trader[]; readonly impact: Outside.Impact }
}

async function depositAll(
  chain: Anvil.Anvil,
  args: { readonly venue: Hex; readonly token: Hex; readonly deposits: readonly { readonly account: Hex; readonly amount: bigint }[] },
): Promise<void> {
  const { venue, token, deposits } = args
  const through = Anvil.multicallAddress
  const total = deposits.reduce((sum, { amount }) => sum + amount, 0n)
  const call = (target: Hex, abi: Abi, functionName: string, args: readonly unknown[]) => ({
    ...{ target, allowFailure: false, callData: encodeFunctionData({ abi, functionName, args }) },
  })
  const calls = [
    call(token, testTokenAbi, 'mint', [through, total]),
    call(token, testTokenAbi, 'approve', [venue, total]),
    ...deposits.map(({ account, amount }) => call(venue, perpVenueAbi, 'depositFor', [account, amount])),
  ]
  for (let from = 0; from < calls.length; from += 80)
    await Deployment.write(chain, Deployment.owner, {
      ...{ address: through, abi: multicall3Abi, functionName: 'aggregate3', args: [calls.slice(from, from + 80)] },
    })
}

/** The world's own document, cut down to the one chain, venue and market that are played on; the north's knows of no mandates and no backstop. */
function documentOf({ document, chains, manifest }: World.World, name: Name, impact: Outside.Impact) {
  const own = document as unknown as Shape
  const depth = parseUnits(String(Math.round(1 / (impact.permanent + impact.temporary))), 18).toString()
  return {
    ...own,
    chains: own.chains.filter(({ chainId }) => chainId === chains.strait.chainId),
    ...{ vaults: [], assets: [], observed: [] },
    venues: own.venues.slice(0, 1).map(({ mandates, backstop, ...venue }) => ({
      ...venue,
      escrows: [],
      ...(name === 'south' ? { mandates, backstop } : {}),
    })),
    // What the outside market really is: so much flow moves its price by 100 %.
    markets: own.markets.filter((it) => it.symbol === symbol).map((it) => ({ ...it, depth })),
    // Its feed says each price to the digit.
    feeds: { ...manifest.feeds, deviationPpm: 0 },
  }
}

type Shape = {
  readonly chains: readonly { readonly chainId: number }[]
  readonly venues: readonly { readonly mandates: Hex; readonly backstop: Hex }[]
  readonly markets: readonly { readonly symbol: string }[]
}
