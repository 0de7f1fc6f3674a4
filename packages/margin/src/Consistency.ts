/** What must hold between the fields of an inputs document. Each field alone is readable by now. */
import { BaseError } from './BaseError.ts'
import * as Curve from './Curve.ts'
import * as Fixed from './Fixed.ts'
import type { Brake, Inputs, Market, Params, View } from './Inputs.ts'

/** @throws {InvalidInputsError} */
export function assert(inputs: Inputs): void {
  assertParams(inputs.params)
  assertMarket(inputs.market, inputs.params)
  assertView(inputs.view)
  refuse((inputs.version === 1) !== (inputs.claims === undefined), 'claims', 'version 1 has none, and version 2 says what they are')
  const claimed = (inputs.claims ?? []).map(({ lotId }) => lotId)
  refuse(new Set(claimed).size !== claimed.length, 'claims', 'a lot is listed twice')
  assertBrake(inputs.brake)
  const { side, notional } = inputs.ledger.position
  refuse(side === 'flat' && notional > 0n, 'ledger.position', 'it is flat and has a notional')
}

/** @throws {InvalidInputsError} */
export function assertParams(params: Params): void {
  const { concentration, tierDiscountPpm, floorPpm, longCapPpm } = params
  assertSteps('params.concentration', concentration)
  concentration.reduce((before, { weightPpm }) => {
    refuse(weightPpm > before, 'params.concentration', 'a weight rises')
    return weightPpm
  }, 1_000_000)
  refuse(tierDiscountPpm[0] !== 0, 'params.tierDiscountPpm', 'tier 0 is unknown, and the unknown pay base terms')
  refuse(Math.max(...tierDiscountPpm) >= 1_000_000, 'params.tierDiscountPpm', 'a discount leaves no margin')
  refuse(longCapPpm === 0, 'params.longCapPpm', 'it leaves no margin')
  refuse(floorPpm > longCapPpm, 'params.floorPpm', 'it is above the cap of a long')
}

/** @throws {InvalidInputsError} */
export function assertMarket(market: Market, params: Params): void {
  for (const name of ['initial', 'maintenance', 'liquidity'] as const) assertCurve(`market.${name}`, market[name])
  const { caps, initial, maintenance } = market
  const { longCapPpm, betaPpm } = params
  // The largest position there can be, in the fullest market there can be.
  const notional = Fixed.min(caps.participant, caps.side)
  refuse(caps.participant >= 1n << 128n, 'market.caps.participant', 'it is more than a certificate can say')
  for (const [path, curve] of [
    ['market.initial', initial],
    ['market.maintenance', maintenance],
  ] as const)
    refuse(Curve.ppm(curve, 1n, { openInterest: 0n }) === 0, path, 'it leaves no margin')
  const most = Curve.ppm(maintenance, notional, { openInterest: caps.side - notional })
  refuse(most * (1_000_000 + betaPpm) > longCapPpm * 1_000_000, 'market.maintenance', 'no initial margin stands (1 + β) above it')
}

/** @throws {InvalidInputsError} */
function assertCurve(path: string, curve: Curve.Curve): void {
  if (curve.kind === 'tiers') {
    assertSteps(`${path}.tiers`, curve.tiers)
    curve.tiers.reduce((before, { ppm }) => {
      refuse(ppm < before, `${path}.tiers`, 'a rate falls')
      return ppm
    }, 0)
  }
  if (curve.kind === 'openInterest') {
    refuse(curve.upper <= curve.lower, `${path}.upper`, 'it is not above lower')
    refuse(curve.ppm > 1_000_000, `${path}.ppm`, 'it falls to 100 %')
  }
}

/** @throws {InvalidInputsError} */
function assertSteps(path: string, steps: readonly { readonly upTo: bigint | null }[]): void {
  let before = 0n
  steps.forEach(({ upTo }, i) => {
    refuse((upTo === null) !== (i === steps.length - 1), path, 'the last step, and only the last, is open')
    refuse(upTo !== null && upTo <= before, path, 'the steps do not rise')
    before = upTo ?? before
  })
}

/** A lot counts once. Of a chain that is missing since one thing there is in doubt, the others count. */
function assertView({ lots }: View): void {
  refuse(new Set(lots.map(({ lotId }) => lotId)).size < lots.length, 'view.lots', 'a lot stands there twice')
}

function assertBrake(brake: Brake): void {
  for (const side of ['long', 'short'] as const) {
    brake[side].reduce(
      (before, step) => {
        refuse(step.upToNotional <= before.upToNotional, `brake.${side}`, 'the steps do not rise')
        refuse(step.ppm < before.ppm, `brake.${side}`, 'the brake eases with size')
        return step
      },
      { upToNotional: -1n, ppm: 0 },
    )
  }
}

function refuse(holds: boolean, path: string, problem: string): void {
  if (holds) throw new InvalidInputsError({ path, problem })
}

/** Thrown when a document is readable and cannot be meant. */
export class InvalidInputsError extends BaseError {
  override readonly name = 'Inputs.InvalidInputsError'
  readonly path: string
  constructor(args: { readonly path: string; readonly problem: string }) {
    super({
      code: 'INPUTS_INVALID',
      message: `${args.path}: ${args.problem}.`,
      hint: 'Mend the document where it is made; nothing was computed from it.',
    })
    this.path = args.path
  }
}
