/** What a signer holds an order to lower credit against: the collateral that it finds by itself, and what other books hold on it. */
import * as Amount from './Amount.ts'
import * as Fixed from './Fixed.ts'
import * as Holding from './Holding.ts'
import type { Lot } from './Inputs.ts'

/** One line of the evidence that the order rests on. */
export type Line = { readonly asset: string /** Native units. */; readonly amount: bigint; readonly haircutPpm: number }

export type Code = 'HAIRCUT_OTHER' | 'EVIDENCE_LOW' | 'CREDIT_LOW'

export type Verdict = { readonly status: 'sound' } | { readonly status: 'refused'; readonly code: Code; readonly message: string }

/** No book takes an order that is older: until a final block is past that, it may have been taken. Seconds. */
export const longestLifeSeconds = 300

/**
 * Whether an order lowers credit no further than is certain.
 *
 * Formula: per asset `Σ amount · (1 − h) ≥ Σ (amount − pendingOut) · Π(1 − h)`, the evidence at the left, what the signer reads at the right;
 *          no line's `h` above every one read of its asset; `credit ≥ least(own, elsewhere)`. Of an asset that the book cannot price no line
 *          is asked for: one would keep the book from taking the order, and its worth is in the credit.
 * Source:  docs/method/limit.md, eq. (15) and (16).
 * Rounding: none for the evidence; of the credit as `least`.
 *
 * A line of an asset of which nothing was read only raises what the book's chain computes: it is not looked at.
 *
 * @param args.own - every lot of every holder, as final blocks have them, with configured haircuts; what is in doubt at the most it may be.
 * @param args.unpriced - assets of which the book's own chain has no price now.
 * @param args.elsewhere - what books hold on the same collateral for the participant's other keys. USD.
 *
 * @example
 * Lowering.compare({ lines: [], credit: 0n, own: [], elsewhere: 0n, unpriced: new Set() })
 * // => { status: 'sound' }
 */
export function compare(args: compare.Args): Verdict {
  const { lines, credit, own, elsewhere, unpriced } = args
  for (const [asset, lots] of Map.groupBy(own.filter(isCounted), (lot) => lot.asset)) {
    if (unpriced.has(asset)) continue
    const told = lines.filter((line) => line.asset === asset)
    const greatest = Math.max(...lots.map(haircut))
    const steep = told.find(({ haircutPpm }) => haircutPpm > greatest)
    if (steep) return refuse('HAIRCUT_OTHER', `It takes ${steep.haircutPpm} ppm off ${asset}, and ${greatest} ppm is the most here.`)

    const left = told.reduce((sum, line) => sum + line.amount * BigInt(1_000_000 - line.haircutPpm) * Fixed.ppm ** 3n, 0n)
    const right = lots.reduce((sum, lot) => sum + (lot.amount - lot.pendingOut) * Holding.kept(lot.haircuts), 0n)
    if (left < right)
      return refuse(
        'EVIDENCE_LOW',
        `Its evidence has ${left / Holding.whole} of ${asset} after haircuts, and ${right / Holding.whole} is locked here.`,
      )
  }
  const most = least({ own, elsewhere })
  return credit < most
    ? refuse('CREDIT_LOW', `It says ${Amount.exactly(credit, 18)} USD, and ${Amount.exactly(most, 18)} USD of it is certain here.`)
    : { status: 'sound' }
}

export declare namespace compare {
  type Args = {
    readonly lines: readonly Line[]
    readonly credit: bigint
    readonly own: readonly Lot[]
    readonly elsewhere: bigint
    readonly unpriced: ReadonlySet<string>
  }
}

/**
 * The least that the credit of one key may be lowered to, by whoever knows the collateral and not what is bound of it.
 *
 * Formula: `max(0, Σ ⌈price · (amount − pendingOut) · Π(1 − h)⌉ − Σ credit that books hold elsewhere)`.
 * Source:  docs/method/limit.md, eq. (16).
 * Rounding: up, once a lot: credit is not lowered by what rounding leaves out.
 *
 * No age, no confidence and no concentration: they say what is not lent on, and not what is gone.
 *
 * @returns USD.
 *
 * @example
 * Lowering.least({ own: [], elsewhere: 0n })
 * // => 0n
 */
export function least({ own, elsewhere }: least.Args): bigint {
  const worth = own.filter(isCounted).reduce((sum, lot) => {
    const left = { amount: lot.amount - lot.pendingOut, decimals: lot.decimals, price: lot.price.value }
    return sum + Holding.value(left, lot.haircuts, 'up')
  }, 0n)
  return Fixed.max(0n, worth - elsewhere)
}

export declare namespace least {
  type Args = Pick<compare.Args, 'own' | 'elsewhere'>
}

/**
 * All haircuts of a lot together.
 *
 * Formula: `⌊1 − Π(1 − h)⌋`.
 * Source:  docs/method/limit.md, eq. (15).
 * Rounding: down, so that evidence which carries it is never below the lot.
 *
 * @returns ppm.
 *
 * @example
 * Lowering.haircut({ haircuts: { assetPpm: 500_000, bridgePpm: 500_000, venuePpm: 0, agePpm: 0 } })
 * // => 750000
 */
export function haircut(lot: Pick<Lot, 'haircuts'>): number {
  return 1_000_000 - Number(Fixed.ratio(Holding.kept(lot.haircuts), Fixed.ppm ** 3n, 'up'))
}

/** What counts of a lot is there for certain: looked at is not locked, and what is on its way out has left. */
export function isCounted({ custody, amount, pendingOut }: Pick<Lot, 'custody' | 'amount' | 'pendingOut'>): boolean {
  return custody !== 'OBSERVED' && amount > pendingOut
}

const refuse = (code: Code, message: string): Verdict => ({ status: 'refused', code, message })
