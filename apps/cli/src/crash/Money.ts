/** Where a side's money is, read from its contracts at one block. The token's own units. */
import { backstopAbi, perpVenueAbi, testTokenAbi, trancheAbi } from '@plimsoll/contracts'
import type { Hex } from 'viem'
import * as Stage from './Stage.ts'

export type Money = {
  /** Of everybody who has an account at the venue, the desk, the backstop and the liquidator included. */
  readonly collateral: bigint
  /** Owed by accounts of the book, and to them. */
  readonly owed: bigint
  readonly owing: bigint
  readonly pool: bigint
  /** What the venue's contract holds. */
  readonly venue: bigint
  /** What the backstop's layers have left. */
  readonly layers: { readonly junior: bigint; readonly insurance: bigint; readonly senior: bigint }
  /** The backstop's own account at the venue: its worth, and what it inherited and has not sold. USD × 1e18. */
  readonly backstop: { readonly equity: bigint; readonly inventory: bigint }
  /** What each account of the book is worth. USD × 1e18. */
  readonly equities: ReadonlyMap<Hex, bigint>
  /** The desk's worth at the venue. USD × 1e18. */
  readonly desk: bigint
  /** Every token there is, and what of them is with whom it is known to be. */
  readonly supply: bigint
  readonly known: bigint
}

const scale = 10n ** 12n
const sum = (values: readonly bigint[]) => values.reduce((a, b) => a + b, 0n)

/** Reads it at the head. */
export async function read(stage: Stage.Stage): Promise<Money> {
  const { chain, venue, backstop, token, traders, world } = stage
  const { publicClient } = chain
  const blockNumber = await publicClient.getBlockNumber()
  // The liquidator has its share of penalties there.
  const others = [Stage.desk.address, backstop.address, Stage.liquidator.address]
  const views = await publicClient.readContract({
    ...{ address: venue, abi: perpVenueAbi, functionName: 'accountsOf', blockNumber },
    args: [[...traders.map(({ account }) => account), ...others]],
  })
  const book = views.slice(0, traders.length)
  const [desk, own] = views.slice(traders.length)
  const balance = (account: Hex) =>
    publicClient.readContract({ address: token, abi: testTokenAbi, functionName: 'balanceOf', args: [account], blockNumber })
  const held = (address: Hex) => publicClient.readContract({ address, abi: trancheAbi, functionName: 'held', blockNumber })
  // Both venues of the deployment have the token, though one of them is empty but for its pool and backstop.
  const places = world.manifest.venues.flatMap(({ address, backstop }) => [address, backstop.address, backstop.junior, backstop.senior])
  const people = [Stage.liquidator.address, Stage.desk.address]
  const balances = await Promise.all([...places, ...people].map(balance))
  const [pool, supply, inventory, inVenue, insurance, junior, senior] = await Promise.all([
    publicClient.readContract({ address: venue, abi: perpVenueAbi, functionName: 'pool', blockNumber }),
    publicClient.readContract({ address: token, abi: testTokenAbi, functionName: 'totalSupply', blockNumber }),
    publicClient.readContract({ address: backstop.address, abi: backstopAbi, functionName: 'inventoryNotional', blockNumber }),
    balance(venue),
    balance(backstop.address),
    held(backstop.junior),
    held(backstop.senior),
  ])
  return {
    collateral: sum(views.map(({ collateral }) => collateral)) / scale,
    owed: sum(book.map(({ unsettledLoss }) => unsettledLoss)) / scale,
    owing: sum(book.map(({ unpaidGain }) => unpaidGain)) / scale,
    ...{ pool, venue: inVenue, layers: { junior, insurance, senior } },
    backstop: { equity: own?.equity ?? 0n, inventory },
    equities: new Map(book.map(({ account, equity }) => [account.toLowerCase() as Hex, equity])),
    desk: desk?.equity ?? 0n,
    ...{ supply, known: sum(balances) },
  }
}

/** Whether every token is where it should be: none came, none went, and what the venue holds is its accounts' and its pool's. */
export function conserved(before: Money, after: Money): boolean {
  const isWhole = ({ supply, known, venue, collateral, pool }: Money) => supply === known && venue === collateral + pool
  return isWhole(before) && isWhole(after) && before.supply === after.supply
}
