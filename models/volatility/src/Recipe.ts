/** Every choice of a fit, and of when it is made anew. */
export type Recipe = {
  /** Penalty of the pooled regression, on standardised signals. */
  readonly ridge: number
  /** Log ratio of outcome to forecast beyond which an outcome pulls no harder, in the regression and in the network: one crash must not decide the weights. */
  readonly cap: number
  /** Members of the ensemble; each leaves out another quarter of the training blocks. */
  readonly members: number
  readonly folds: number
  readonly blockDays: number
  readonly units: number
  readonly dropout: number
  readonly l2: number
  readonly learningRate: number
  readonly batch: number
  /** Steps of training of each member, but no more than `passes` over its rows: what is short must not be learnt by heart. */
  readonly steps: number
  readonly passes: number
  /** Days of evidence at which a correction counts half: see `Share.of`. */
  readonly priorDays: number
  /** Newest rows to fit on; older ones are left out. */
  readonly mostRows: number
  /** Days of origins that must have been observed before anything is fitted. */
  readonly leastDays: number
  /** Days between fits; they lie at whole multiples of it since 1970, so that a later start changes no earlier forecast. */
  readonly refitDays: number
  /** Rolling calibration: span of scores, and days between refreshes. */
  readonly windowDays: number
  readonly refreshDays: number
  /** How quantiles follow forecasts, a day ahead and less. */
  readonly tails: { readonly daily: Tail; readonly intraday: Tail }
  readonly levelPpm: number
}

export type Tail = {
  /** Power of the forecast deviation that quantiles go with: below one where calm forecasts have the longer tail. */
  readonly exponent: number
  /** Adaptive step: by how much a breach raises an asset's own factor on the pooled quantile. */
  readonly trackRate: number
}

export const recipe: Recipe = {
  ridge: 0.03,
  cap: 2.5,
  members: 8,
  folds: 4,
  blockDays: 60,
  units: 64,
  dropout: 0.3,
  l2: 1e-3,
  learningRate: 1e-3,
  batch: 256,
  steps: 1_200,
  passes: 40,
  priorDays: 730,
  mostRows: 90_000,
  leastDays: 90,
  refitDays: 66,
  windowDays: 365,
  refreshDays: 7,
  tails: { daily: { exponent: 0.8, trackRate: 0.05 }, intraday: { exponent: 1, trackRate: 0.1 } },
  levelPpm: 990_000,
}

/** How quantiles of one horizon follow its forecasts. */
export function tailOf({ tails }: Recipe, horizonHours: number): Tail {
  return horizonHours < 24 ? tails.intraday : tails.daily
}
