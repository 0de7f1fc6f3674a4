/** Accounts at fixed distances, walked over real bars: what was predicted at each origin, and what came. */
import { Calibrator, Forecast, LiquidationCurve, Prediction } from '@plimsoll/liquidation'

/** What a price does in the horizon after an origin, and what was expected of it. */
export type Row = {
  readonly symbol: string
  /** Unix seconds. */
  readonly origin: number
  /** Of the log return over the horizon, as forecast. */
  readonly variance: number
  /** The furthest log move down and up, as looked at. ≥ 0. */
  readonly down: number
  readonly up: number
}

export type Options = {
  readonly horizonSeconds: number
  readonly intervalSeconds: number
  readonly leverages: readonly number[]
  readonly maintenancePpm: number
  /** First origin that is judged; those before it are only learnt from. Unix seconds. */
  readonly from: number
  /** Days between fits of the calibrator; 0 for none. */
  readonly refreshDays: number
  readonly groups: number
}

/** One prediction for each row that is judged, leverage and side: rows first, then leverages, then long before short. */
export type Walked = {
  readonly rows: readonly Row[]
  readonly probabilities: Float64Array
  readonly happened: Uint8Array
  /** One for each leverage and side. */
  readonly distances: readonly Distance[]
  /** The last calibrator, and how many times it was fitted. */
  readonly calibrator: Calibrator.Calibrator
  readonly fits: number
}

export type Distance = { readonly leverage: number; readonly side: 'long' | 'short'; readonly distance: number }

const day = 86_400

/** USD × 1e18 that each account has open. */
const notional = 100_000n * 10n ** 18n

/**
 * The walk. A calibrator is fitted only on rows whose horizon was over when it was fitted.
 *
 * @param rows - by origin.
 */
export function of(rows: readonly Row[], options: Options): Walked {
  const { horizonSeconds, intervalSeconds, from, refreshDays, groups } = options
  const accounts = accountsOf(options)
  const distances = accounts.map(({ distance }) => distance)
  const judged = rows.filter(({ origin }) => origin >= from)
  const probabilities = new Float64Array(judged.length * accounts.length)
  const happened = new Uint8Array(judged.length * accounts.length)
  const monitoring = Prediction.monitoring({ horizonSeconds, intervalSeconds, markets: {}, calibrator: Calibrator.none })
  const touched = ({ down, up }: Row, a: number) => (accounts[a]?.side === 'long' ? down : up) >= (distances[a] ?? Number.NaN)
  const outcomes: Calibrator.Outcome[] = []
  let calibrator = Calibrator.none
  let learnt = 0
  let due = Number.NEGATIVE_INFINITY
  let fits = 0
  for (const [r, row] of judged.entries()) {
    if (refreshDays > 0 && row.origin >= due) {
      for (let past = rows[learnt]; past !== undefined && past.origin + horizonSeconds <= row.origin; past = rows[++learnt])
        for (let a = 0; a < accounts.length; a++)
          outcomes.push({ deviations: (distances[a] ?? 0) / Math.sqrt(past.variance) + monitoring, touched: touched(past, a) })
      calibrator = Calibrator.fit(outcomes, groups)
      fits++
      due = row.origin + refreshDays * day
    }
    const markets = { [row.symbol]: { variance: row.variance, loading: 0, jumps: Forecast.still } }
    for (const [a, { account }] of accounts.entries()) {
      const positions = account.positions.map((position) => ({ ...position, market: row.symbol }))
      const found = Prediction.of({ ...account, positions }, { horizonSeconds, intervalSeconds, markets, calibrator })
      probabilities[r * accounts.length + a] = found.status === 'unknown' ? Number.NaN : found.probability
      happened[r * accounts.length + a] = touched(row, a) ? 1 : 0
    }
  }
  return { rows: judged, probabilities, happened, distances: accounts, calibrator, fits }
}

/**
 * The same in numbers by distance: how often it was predicted, and how often it came.
 *
 * @returns in the order of the distances.
 */
export function byDistance({ rows, probabilities, happened, distances }: Walked): readonly Judged[] {
  return distances.map(({ leverage, side, distance }, a) => {
    let [predicted, came] = [0, 0]
    for (let at = a; at < probabilities.length; at += distances.length) {
      predicted += probabilities[at] ?? Number.NaN
      came += happened[at] ?? Number.NaN
    }
    return { leverage, side, distance, predicted: predicted / rows.length, observed: came / rows.length }
  })
}

export type Judged = Distance & { readonly predicted: number; readonly observed: number }

function accountsOf({ leverages, maintenancePpm }: Options) {
  return leverages.flatMap((leverage) =>
    (['long', 'short'] as const).map((side) => {
      const equity = (notional * 1_000_000n) / BigInt(Math.round(leverage * 1_000_000))
      const share = Number(equity) / Number(notional)
      const distance = LiquidationCurve.distance({ side, notional: 1, equity: share, maintenance: maintenancePpm / 1_000_000 })
      const positions = [{ market: '', side, notional, maintenancePpm }]
      return {
        leverage,
        side,
        distance: distance ?? Number.POSITIVE_INFINITY,
        account: { account: `${leverage} ${side}`, equity, collateral: equity, positions },
      }
    }),
  )
}
