/** Whether who was closed had failed, and who was reduced had not: each account as its chain has it in the block before, at the price it was done at. */
import { perpVenueAbi } from '@plimsoll/contracts'
import { Warrant } from '@plimsoll/liquidation'
import type * as Facts from './Facts.ts'
import * as Stage from './Stage.ts'

export type Proof = {
  /** Liquidated or inherited, and not below its maintenance margin. */
  readonly healthy: readonly Facts.Fact[]
  /** Reduced by mandate, and below it already. */
  readonly failed: readonly Facts.Fact[]
}

/** What of these facts should not have been. */
export async function of(stage: Stage.Stage, facts: readonly Facts.Fact[]): Promise<Proof> {
  const done = facts.filter(({ kind }) => kind === 'liquidated' || kind === 'inherited' || kind === 'reduced')
  const verdicts = await Promise.all(done.map((fact) => verdictOf(stage, fact)))
  const found = done.map((fact, k) => ({ fact, isDue: verdicts[k] === 'due' }))
  return {
    healthy: found.flatMap(({ fact, isDue }) => (fact.kind !== 'reduced' && !isDue ? [fact] : [])),
    failed: found.flatMap(({ fact, isDue }) => (fact.kind === 'reduced' && isDue ? [fact] : [])),
  }
}

async function verdictOf({ chain, venue }: Stage.Stage, { account, block, price }: Facts.Fact): Promise<Warrant.Warrant['status']> {
  const view = await chain.publicClient.readContract({
    ...{ address: venue, abi: perpVenueAbi, functionName: 'accountOf', args: [account], blockNumber: block - 1n },
  })
  const { collateral, credit, unpaidGain, unsettledLoss, positions } = view
  const warrant = Warrant.of({
    account: {
      ...{ collateral, credit, unpaidGain, unsettledLoss },
      positions: positions.map(({ market, size, price, unrealised, mmLiquidationPpm }) => ({
        ...{ market, size, maintenancePpm: mmLiquidationPpm },
        cost: Warrant.cost({ size, price, unrealised }),
      })),
    },
    prices: { [Stage.market]: { status: 'ok', basis: 'index', low: price, high: price } },
    ...{ blockAt: 0, asOf: 0, mostSeconds: 0 },
  })
  return warrant.status
}
