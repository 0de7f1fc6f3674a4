/** Every choice of a training run. */
export type Config = {
  readonly hidden: readonly number[]
  readonly l2: number
  readonly learningRate: number
  readonly batch: number
  readonly epochs: number
  /** Log ratio of outcome to baseline beyond which a row pulls no harder: one crash must not decide the weights. */
  readonly clip: number
  /** Bars between origins: 11 bars are 55 minutes, so every phase of the hour is seen. */
  readonly originBars: number
  /** Shares of the time axis, in order; the rest is the held-out test. */
  readonly shares: { readonly train: number; readonly validation: number; readonly calibration: number }
  readonly levelPpm: number
  /** Horizons whose worst path is calibrated, rising, each at most a day. */
  readonly calibrated: readonly number[]
}

export const config: Config = {
  hidden: [32, 16],
  l2: 1e-4,
  learningRate: 1e-3,
  batch: 512,
  epochs: 20,
  clip: 3.5,
  originBars: 11,
  shares: { train: 0.55, validation: 0.1, calibration: 0.2 },
  levelPpm: 990_000,
  calibrated: [300, 900, 3_600, 14_400, 86_400],
}
