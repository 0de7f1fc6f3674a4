/** All accounts of a book in one go: the hot loop over a matrix. */
import type * as Book from './Book.ts'
import type * as Matrix from './Matrix.ts'

/** Figures of account a at index a, as `Portfolio.assess` has them. */
export type Sweep = {
  readonly initial: Float64Array
  readonly maintenance: Float64Array
  readonly markToMarket: Float64Array
  readonly worst: Float64Array
  readonly worstScenario: Int32Array
}

/** Columns that are added up at a time, in registers. */
export const width = 8

/** Margins of every account of a book; see `Matrix.assess`. */
export function assess(matrix: Matrix.Matrix, book: Book.Book): Sweep {
  const { stride, filled, tilted, prices, scenario, dampening, shifts } = matrix
  const { exposure, initial, maintenance, value, initialCharge, maintenanceCharge } = matrix
  const { held, owed, basis, unitCharge, writtenCharge, futureExposure, futureInitialCharge, futureMaintenanceCharge } = matrix
  const { cash, naked, groups, expiry, starts, instrument, amount, units, written, futures, grossFutures, others } = book
  const { otherInstrument, otherAmount } = book
  const { terms, grid } = matrix.market.model
  const accounts = cash.length
  const result: Sweep = {
    initial: new Float64Array(accounts),
    maintenance: new Float64Array(accounts),
    markToMarket: new Float64Array(accounts),
    worst: new Float64Array(accounts),
    worstScenario: new Int32Array(accounts),
  }
  const factor = terms.span?.factor ?? { initial: 0, maintenance: 0 }
  const factorInitial = factor.initial + Math.max(0, terms.depeg.threshold - matrix.stablePrice) * terms.depeg.ofLoss
  const factorMaintenance = factor.maintenance
  const nakedInitial = terms.naked.initial * matrix.market.spot
  const nakedMaintenance = terms.naked.maintenance * matrix.market.spot
  const up = (terms.span?.basis?.up ?? 1) - 1
  const down = (terms.span?.basis?.down ?? 1) - 1
  const anyBasis = up !== 0 || down !== 0
  const columns = filled + tilted
  const profits = new Float64Array(columns)

  for (let a = 0; a < accounts; a++) {
    // Cash comes last, so that what is small beside it is not rounded to it.
    let left = 0
    let leftMaintenance = 0
    let worth = 0
    let moving = 0
    for (let p = others[a] as number; p < (others[a + 1] as number); p++) {
      const i = otherInstrument[p] as number
      const held = otherAmount[p] as number
      const size = Math.abs(held)
      moving += held * (exposure[i] as number)
      left += held * (initial[i] as number) - size * (initialCharge[i] as number)
      leftMaintenance += held * (maintenance[i] as number) - size * (maintenanceCharge[i] as number)
      worth += held * (value[i] as number)
    }
    const firstGroup = groups[a] as number
    const lastGroup = groups[a + 1] as number
    for (let g = firstGroup; g < lastGroup; g++) moving += (futures[g] as number) * (futureExposure[expiry[g] as number] as number)
    for (let c = 0; c < columns; c++) profits[c] = moving * (shifts[c] as number)

    let worst = 0
    for (let g = firstGroup; g < lastGroup; g++) {
      const e = expiry[g] as number
      const from = starts[g] as number
      const to = starts[g + 1] as number
      const onHeld = held[e] as number
      const onOwed = owed[e] as number
      let now = 0
      let upwards = 0
      let downwards = 0
      for (let q = from; q < to; q++) {
        const each = amount[q] as number
        const at = (instrument[q] as number) * stride + columns
        now += each * (prices[at] as number)
        if (anyBasis) {
          upwards += each * (prices[at + 1] as number)
          downwards += each * (prices[at + 2] as number)
        }
      }
      left += now - (units[g] as number) * (unitCharge[e] as number) - (written[g] as number) * (writtenCharge[e] as number)
      left -= (grossFutures[g] as number) * (futureInitialCharge[e] as number)
      leftMaintenance += now - (grossFutures[g] as number) * (futureMaintenanceCharge[e] as number)
      worth += now
      if (anyBasis) {
        const delta = (futures[g] as number) * (futureExposure[e] as number)
        worst += Math.min(0, upwards - now + delta * up, downwards - now + delta * down) * (basis[e] as number)
      }

      for (let c = 0; c < filled; c += width) {
        let x0 = 0
        let x1 = 0
        let x2 = 0
        let x3 = 0
        let x4 = 0
        let x5 = 0
        let x6 = 0
        let x7 = 0
        for (let q = from; q < to; q++) {
          const each = amount[q] as number
          const at = (instrument[q] as number) * stride + c
          x0 += each * (prices[at] as number)
          x1 += each * (prices[at + 1] as number)
          x2 += each * (prices[at + 2] as number)
          x3 += each * (prices[at + 3] as number)
          x4 += each * (prices[at + 4] as number)
          x5 += each * (prices[at + 5] as number)
          x6 += each * (prices[at + 6] as number)
          x7 += each * (prices[at + 7] as number)
        }
        profits[c] = (profits[c] as number) + (x0 >= 0 ? x0 * onHeld : x0 * onOwed) - now
        profits[c + 1] = (profits[c + 1] as number) + (x1 >= 0 ? x1 * onHeld : x1 * onOwed) - now
        profits[c + 2] = (profits[c + 2] as number) + (x2 >= 0 ? x2 * onHeld : x2 * onOwed) - now
        profits[c + 3] = (profits[c + 3] as number) + (x3 >= 0 ? x3 * onHeld : x3 * onOwed) - now
        profits[c + 4] = (profits[c + 4] as number) + (x4 >= 0 ? x4 * onHeld : x4 * onOwed) - now
        profits[c + 5] = (profits[c + 5] as number) + (x5 >= 0 ? x5 * onHeld : x5 * onOwed) - now
        profits[c + 6] = (profits[c + 6] as number) + (x6 >= 0 ? x6 * onHeld : x6 * onOwed) - now
        profits[c + 7] = (profits[c + 7] as number) + (x7 >= 0 ? x7 * onHeld : x7 * onOwed) - now
      }
      for (let c = filled; c < columns; c++) {
        let x = 0
        for (let q = from; q < to; q++) x += (amount[q] as number) * (prices[(instrument[q] as number) * stride + c] as number)
        profits[c] = (profits[c] as number) - Math.abs((x >= 0 ? x * onHeld : x * onOwed) - now)
      }
    }

    let column = -1
    for (let c = 0; c < columns; c++) {
      const profit = (profits[c] as number) * (dampening[c] as number)
      if (profit < worst) {
        worst = profit
        column = c
      }
    }
    const own = cash[a] as number
    result.initial[a] = own + (left - (naked[a] as number) * nakedInitial + worst * factorInitial)
    result.maintenance[a] = own + (leftMaintenance - (naked[a] as number) * nakedMaintenance + worst * factorMaintenance)
    result.markToMarket[a] = own + worth
    result.worst[a] = worst
    result.worstScenario[a] = column < 0 ? grid.scenarios : (scenario[column] as number)
  }
  return result
}
