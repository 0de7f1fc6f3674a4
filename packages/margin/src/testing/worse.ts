/** Every way in which inputs may get worse, and all money times k. */
import type { Inputs, Lot } from '../Inputs.ts'

type Worsen = (inputs: Inputs, much: number, which: number) => Inputs

const less = (value: bigint, much: number) => (value * BigInt(1_000_000 - much)) / 1_000_000n
const more = (value: bigint, much: number) => value + BigInt(much) * 10n ** 16n
const lower = (value: number, much: number) => Math.floor((value * (1_000_000 - much)) / 1_000_000)
const higher = (value: number, much: number, most: number) => Math.min(most, value + Math.floor(much / 4))

/** One lot changed. */
function lot(change: (lot: Lot, much: number) => Partial<Lot>): Worsen {
  return (inputs, much, which) => {
    const { lots } = inputs.view
    const at = which % Math.max(1, lots.length)
    return { ...inputs, view: { ...inputs.view, lots: lots.map((lot, i) => (i === at ? { ...lot, ...change(lot, much) } : lot)) } }
  }
}

/** One room of the document changed. */
function room<K extends keyof Inputs>(key: K, change: (room: Inputs[K], much: number, which: number) => Partial<Inputs[K]>): Worsen {
  return (inputs, much, which) => {
    const before = inputs[key]
    return before === null ? inputs : { ...inputs, [key]: { ...(before as object), ...change(before, much, which) } }
  }
}

const side = (which: number) => (which % 2 === 0 ? ('long' as const) : ('short' as const))
const sidePpm = (which: number) => (which % 2 === 0 ? ('longPpm' as const) : ('shortPpm' as const))
const quantiles = ['closeOut', 'liquidation', 'throughTheCycle'] as const

export const ways: readonly { readonly name: string; readonly worsen: Worsen }[] = [
  { name: 'collateral price down', worsen: lot((it, much) => ({ price: { ...it.price, value: less(it.price.value, much) } })) },
  { name: 'price confidence up', worsen: lot((it, much) => ({ price: { ...it.price, confidence: more(it.price.confidence, much) } })) },
  {
    name: 'collateral price older',
    worsen: lot((it, much) => ({ price: { ...it.price, publishedAt: it.price.publishedAt - (much % 100) } })),
  },
  { name: 'view older', worsen: lot((it, much) => ({ block: { ...it.block, timestamp: it.block.timestamp - (much % 200) } })) },
  { name: 'amount down', worsen: lot((it, much) => ({ amount: less(it.amount, much) })) },
  { name: 'more on its way out', worsen: lot((it, much) => ({ pendingOut: it.pendingOut + it.amount - less(it.amount, much) })) },
  ...(['assetPpm', 'bridgePpm', 'venuePpm', 'agePpm'] as const).map((name) => ({
    name: `${name} haircut up`,
    worsen: lot((it, much) => ({ haircuts: { ...it.haircuts, [name]: higher(it.haircuts[name], much, 1_000_000) } })),
  })),
  {
    name: 'less may be claimed',
    worsen: (inputs, much, which) => {
      const all = inputs.view.lots.map(({ lotId, amount }) => ({ lotId, amount }))
      const claims = (inputs.claims ?? all).flatMap((it, i) =>
        i !== which % Math.max(1, all.length) ? [it] : much % 3 === 0 ? [] : [{ ...it, amount: less(it.amount, much) }],
      )
      return { ...inputs, version: 2, claims }
    },
  },
  {
    name: 'partial view',
    worsen: (inputs, _, which) => {
      const chainId = (which % 3) + 1
      const lots = inputs.view.lots.filter((lot) => lot.chainId !== chainId)
      return { ...inputs, view: { lots, missing: [...inputs.view.missing, { chainId, code: 'RPC_QUORUM_LOST' }] } }
    },
  },
  ...quantiles.flatMap((name) => [
    {
      name: `forecast of ${name} up`,
      worsen: room('forecast', (it, much, which) => ({
        [name]: { ...it[name], [sidePpm(which)]: higher(it[name][sidePpm(which)], much, 1_000_000) },
      })),
    },
    {
      name: `previous ${name} up`,
      worsen: room('damper', (it, much, which) =>
        it === null ? {} : { [name]: { ...it[name], [sidePpm(which)]: higher(it[name][sidePpm(which)], much, 1_000_000) } },
      ),
    },
  ]),
  { name: 'forecast older', worsen: room('forecast', (it, much) => ({ asOf: it.asOf - (much % 1_000) })) },
  {
    name: 'market price older',
    worsen: room('market', (it, much) => ({ price: { ...it.price, publishedAt: it.price.publishedAt - (much % 100) } })),
  },
  { name: 'discount down', worsen: room('grant', (it, much) => ({ imDiscountPpm: lower(it.imDiscountPpm, much) })) },
  { name: 'proven cap down', worsen: room('grant', (it, much) => ({ provenCap: less(it.provenCap, much) })) },
  { name: 'tier cap down', worsen: room('grant', (it, much) => ({ tierCap: less(it.tierCap, much) })) },
  { name: 'grant ends sooner', worsen: room('grant', (it, much) => ({ validUntil: it.validUntil - (much % 200) })) },
  {
    name: 'brake up',
    worsen: room('brake', (it, much, which) => ({
      [side(which)]: it[side(which)].map((step) => ({ ...step, ppm: higher(step.ppm, much, 10_000_000) })),
    })),
  },
  { name: 'brake shorter', worsen: room('brake', (it, _, which) => ({ [side(which)]: it[side(which)].slice(0, -1) })) },
  {
    name: 'wrong-way up',
    worsen: room('market', (it, much) => ({ wrongWay: { ...it.wrongWay, longPpm: higher(it.wrongWay.longPpm, much, 1_000_000) } })),
  },
  {
    name: 'liquidation cost up',
    worsen: room('market', (it, much) => ({ liquidationCostPpm: higher(it.liquidationCostPpm, much, 1_000_000) })),
  },
  {
    name: 'open interest up',
    worsen: room('market', (it, much, which) => ({
      openInterest: { ...it.openInterest, [side(which)]: more(it.openInterest[side(which)], much) },
    })),
  },
  {
    name: 'headroom up',
    worsen: room('market', (it, much, which) => ({ headroom: { ...it.headroom, [side(which)]: more(it.headroom[side(which)], much) } })),
  },
  {
    name: 'participant cap down',
    worsen: room('market', (it, much) => ({ caps: { ...it.caps, participant: less(it.caps.participant, much) } })),
  },
  { name: 'growth down', worsen: room('growth', (it, much) => ({ ceiling: less(it.ceiling, much) })) },
  { name: 'other encumbrance up', worsen: room('ledger', (it, much) => ({ otherEncumbrance: more(it.otherEncumbrance, much) })) },
  { name: 'certificate credit up', worsen: room('ledger', (it, much) => ({ certificateCredit: more(it.certificateCredit, much) })) },
  { name: 'venue collateral down', worsen: room('ledger', (it, much) => ({ venueCollateral: less(it.venueCollateral, much) })) },
  { name: 'loss up', worsen: room('ledger', (it, much) => ({ unrealisedLoss: more(it.unrealisedLoss, much) })) },
  { name: 'fees up', worsen: room('ledger', (it, much) => ({ fees: more(it.fees, much) })) },
  { name: 'other requirement up', worsen: room('ledger', (it, much) => ({ otherRequirement: more(it.otherRequirement, much) })) },
  { name: 'floor up', worsen: room('params', (it, much) => ({ floorPpm: higher(it.floorPpm, much, it.longCapPpm) })) },
  {
    name: 'concentration steeper',
    worsen: room('params', (it, much) => ({
      concentration: it.concentration.map((step) => ({ ...step, weightPpm: lower(step.weightPpm, much) })),
    })),
  },
]

/** The same document with every amount of USD times k; amounts of tokens stay. */
export function scale(inputs: Inputs, k: bigint): Inputs {
  const { market, grant, brake, ledger, growth, params, view, request } = inputs
  const steps = <T extends { readonly upTo: bigint | null }>(list: readonly T[]) =>
    list.map((step) => ({ ...step, upTo: step.upTo === null ? null : step.upTo * k }))
  const curve = (it: typeof market.initial): typeof market.initial => {
    if (it.kind === 'tiers') return { ...it, tiers: steps(it.tiers) }
    if (it.kind === 'sqrt') return { ...it, unit: it.unit * k }
    return it.kind === 'openInterest' ? { ...it, lower: it.lower * k, upper: it.upper * k } : it
  }
  const sides = (it: { readonly long: bigint; readonly short: bigint }) => ({ long: it.long * k, short: it.short * k })
  const table = (list: typeof brake.long) => list.map((step) => ({ ...step, upToNotional: step.upToNotional * k }))
  return {
    ...inputs,
    request: { notional: request.notional === null ? null : request.notional * k },
    view: {
      ...view,
      lots: view.lots.map((lot) => ({ ...lot, price: { ...lot.price, value: lot.price.value * k, confidence: lot.price.confidence * k } })),
    },
    market: {
      ...market,
      initial: curve(market.initial),
      maintenance: curve(market.maintenance),
      liquidity: curve(market.liquidity),
      openInterest: sides(market.openInterest),
      headroom: sides(market.headroom),
      caps: { side: market.caps.side * k, participant: market.caps.participant * k },
    },
    grant: { ...grant, provenCap: grant.provenCap * k, tierCap: grant.tierCap * k },
    brake: { ...brake, long: table(brake.long), short: table(brake.short) },
    ledger: {
      ...ledger,
      otherEncumbrance: ledger.otherEncumbrance * k,
      certificateCredit: ledger.certificateCredit * k,
      position: { ...ledger.position, notional: ledger.position.notional * k },
      venueCollateral: ledger.venueCollateral * k,
      unrealisedLoss: ledger.unrealisedLoss * k,
      fees: ledger.fees * k,
      otherRequirement: ledger.otherRequirement * k,
    },
    growth: { ceiling: growth.ceiling * k },
    params: { ...params, concentration: steps(params.concentration) },
  }
}
