/** Who looks at everybody's margin, and acts only where the contract lets it. */
import { Hash } from '@plimsoll/contracts'
import { Fixed } from '@plimsoll/margin'
import * as Course from './Course.ts'
import * as Harbour from './Harbour.ts'
import type * as Invariants from './Invariants.ts'
import * as Venue from './Venue.ts'
import * as World from './World.ts'

export function steps(course: Course.Course): Course.Steps {
  return {
    liquidate: { weight: 5, run: async () => liquidate(course) },
    markDown: { weight: 1, run: async () => markDown(course) },
  }
}

function liquidate(course: Course.Course): readonly Invariants.Violation[] {
  const { world, watch, note } = course
  const found: Invariants.Violation[] = []
  for (const pier of world.piers)
    for (const account of World.accounts)
      for (const { market } of world.terms) {
        const { state } = pier.chain.latest()
        if (Venue.position(state, account, market).size === 0n) continue
        const sea = World.sea(world)
        const view = Venue.best(state, account, sea)
        const fresh = Venue.fresh(sea, market)
        if (!Course.put(course, pier, { kind: 'liquidate', account, market })) continue
        note('liquidated')
        // The keeper's fee leaves the venue, and no more than the fee: whatever else is missing is a leak.
        const { liquidationFeePpm } = sea.terms.find((it) => it.market === market) as Venue.Terms
        const closed = view.positions.find((it) => it.market === market)?.notional ?? 0n
        const gone = Fixed.min(Fixed.max(0n, -World.leak(world, pier)), Fixed.ofPpm(closed, liquidationFeePpm, 'up'))
        world.flows.set(pier.chain.chainId, (world.flows.get(pier.chain.chainId) ?? 0n) - gone)
        found.push(...watch.liquidated({ account, view, fresh }), ...watch.money())
      }
  return found
}

/** The signers lower a credit to what the collateral is worth at the venue's prices, or try for less. */
function markDown(course: Course.Course): readonly Invariants.Violation[] {
  const { world, random, whole, note, pick } = course
  const { owner, account, pier } = Course.likely(course, (at) => (at.pier.chain.latest().state.credits.get(at.account) ?? 0n) > 0n)
  const lots = world.docks.flatMap(({ chain, asset }) =>
    owner.accounts.flatMap((holder) => {
      const { amount } = Harbour.berth(chain.final().state, holder)
      return amount === 0n ? [] : [{ asset: Hash.ofText(asset.name), amount, haircutPpm: 10_000 + whole(100_000) }]
    }),
  )
  const evidence = { lots, sharePpm: whole(random.uniform() < 0.5 ? 20_000 : 1_000_001) }
  const floor = Venue.floorOf(evidence, World.sea(world)) ?? 0n
  const credit = random.uniform() < 0.2 && floor > 0n ? floor - 1n : floor + BigInt(whole(1_000))
  const age = random.uniform() < 0.1 ? Venue.maxTtlSeconds + whole(3) - 1 : whole(20)
  const { sequence = 0n } = pier.chain.latest().state.marks.get(account) ?? {}
  const order = {
    ...{ account, venue: pier.address, credit, sequence: sequence + pick([0n, 1n, 1n, 1n]), epoch: 1 },
    issuedAt: BigInt(world.now - age),
  }
  note(Course.put(course, pier, { kind: 'markDown', order, evidence }) ? 'marked down' : 'not marked down')
  return []
}
