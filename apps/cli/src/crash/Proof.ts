/** Whether who was closed had failed: each account as its chain has it in the block before, at the price that it was closed at. */
import { perpVenueAbi } from '@plimsoll/contracts'
import { Warrant } from '@plimsoll/liquidation'
import type * as Facts from './Facts.ts'
import * as Stage from './Stage.ts'

/** @returns those of the facts whose account was not below its maintenance margin. */
export async function healthy(stage: Stage.Stage, facts: readonly Facts.Fact[]): Promise<readonly Facts.Fact[]> {
  const closed = facts.filter(({ kind }) => kind === 'liquidated' || kind === 'inherited')
  const verdicts = await Promise.all(closed.map((fact) => verdictOf(stage, fact)))
  return closed.filter((_, k) => verdicts[k] !== 'due')
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
