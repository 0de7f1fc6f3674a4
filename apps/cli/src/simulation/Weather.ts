/** What nobody decides: time, prices, outages, reorganisations. */
import * as Chain from './Chain.ts'
import type * as Course from './Course.ts'
import * as Harbour from './Harbour.ts'
import * as World from './World.ts'

export function steps({ world, random, gateways, pick, whole }: Course.Course): Course.Steps {
  const step = (weight: number, happens: () => void): Course.Step => ({
    weight,
    run: async () => {
      happens()
      return []
    },
  })
  return {
    time: step(24, () => World.pass(world, 1 + whole(random.uniform() < 0.05 ? 240 : 20))),
    price: step(10, () => {
      const wide = random.uniform() < 0.06 ? 0.2 : 0.006
      World.move(world, pick(world.terms).market, Math.round(1_000_000 * Math.exp(wide * random.normal())))
    }),
    volatility: step(2, () => world.quantiles.set(pick(world.symbols), 20_000 + whole(180_000))),
    sail: step(0.02, () => World.pass(world, Harbour.escapeSeconds)),
    // What was paid into a venue goes away with its block, so venues keep theirs here: their money is counted from outside.
    reorganise: step(2, () => pick(world.docks).chain.reorganise(1 + whole(Chain.finality), world.now)),
    dark: step(1, () => world.dark.set(pick([...world.docks, ...world.piers]).chain.chainId, world.now + whole(400))),
    freeze: step(1, () => world.frozen.set(pick(world.terms).market, world.now + whole(200))),
    silence: step(0.5, () => {
      world.silentUntil = world.now + whole(120)
    }),
    restart: step(0.5, () => pick(gateways).forget()),
  }
}
