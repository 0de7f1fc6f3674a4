import type { Name } from './Backend.ts'
import type { Config } from './Config.ts'

/** The forecasts that stand beside each other in every table. */
export const models = ['champion', 'log-har', 'ewma', 'static'] as const
export type ModelName = (typeof models)[number]

/** One horizon on the held-out period. */
export type Score = {
  readonly horizonSeconds: number
  readonly sample: number
  readonly qlike: Readonly<Record<ModelName, number>>
  /** The same without the 0.25 % of rows where log-HAR was worst: one day can decide a QLIKE contest. */
  readonly qlikeWithoutWorst: Readonly<Record<ModelName, number>>
  /** QLIKE of the champion over that of log-HAR, by symbol; above 1 the champion loses. */
  readonly ratioBySymbol: Readonly<Record<string, number>>
}

/** How often the worst path went beyond the calibrated quantile on the held-out period. Windows overlap where origins are closer than the horizon. */
export type Coverage = {
  readonly horizonSeconds: number
  readonly sample: number
  readonly champion: { readonly longPpm: number; readonly shortPpm: number }
  readonly baseline: { readonly longPpm: number; readonly shortPpm: number }
}

/** A part of the data by time; ends are origins' times. Unix seconds. */
export type Span = { readonly from: number; readonly to: number; readonly rows: number }

/** What a model was made from and how well it did: everything needed to make it again. */
export type Card = {
  readonly schema: 1
  readonly name: 'volatility'
  readonly version: string
  readonly data: {
    readonly source: string
    readonly sha256: string
    readonly symbols: readonly string[]
    readonly bars: number
    readonly from: number
    readonly to: number
  }
  readonly config: Config
  readonly seed: number
  readonly backend: Name
  readonly tfjs: string
  readonly spans: { readonly train: Span; readonly validation: Span; readonly calibration: Span; readonly test: Span }
  readonly training: { readonly weights: number; readonly bestEpoch: number; readonly validationLoss: readonly number[] }
  readonly levelPpm: number
  readonly scores: readonly Score[]
  readonly coverage: readonly Coverage[]
  /** Features of a few held-out rows and the champion's variances: what a loaded model must repeat within 1e-5. */
  readonly probe: { readonly rows: readonly (readonly number[])[]; readonly variances: readonly (readonly number[])[] }
}

/** The tables of a model card, in Markdown. */
export function tables(card: Card): string {
  const hours = (seconds: number): string => (seconds < 3_600 ? `${seconds / 60} min` : `${seconds / 3_600} h`)
  const percent = (ppm: number): string => `${(ppm / 10_000).toFixed(2)} %`
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const scores = card.scores.map(({ horizonSeconds, sample, qlike, qlikeWithoutWorst }) =>
    row([
      hours(horizonSeconds),
      String(sample),
      ...models.map((model) => qlike[model].toFixed(4)),
      (qlike.champion / qlike['log-har']).toFixed(3),
      (qlikeWithoutWorst.champion / qlikeWithoutWorst['log-har']).toFixed(3),
    ]),
  )
  const symbols = card.data.symbols.map((symbol) =>
    row([
      symbol,
      ...card.scores.map(({ ratioBySymbol }) => {
        const ratio = ratioBySymbol[symbol] ?? Number.NaN
        return ratio > 1 ? `**${ratio.toFixed(3)}** (loses)` : ratio.toFixed(3)
      }),
    ]),
  )
  const coverage = card.coverage.map(({ horizonSeconds, sample, champion, baseline }) =>
    row([
      hours(horizonSeconds),
      String(sample),
      ...[champion.longPpm, champion.shortPpm, baseline.longPpm, baseline.shortPpm].map(percent),
    ]),
  )
  return [
    row(['horizon', 'rows', ...models, 'champion / log-har', 'without worst 0.25 %']),
    row(['---', '--:', '--:', '--:', '--:', '--:', '--:', '--:']),
    ...scores,
    '',
    row(['symbol', ...card.scores.map(({ horizonSeconds }) => `champion / log-har, ${hours(horizonSeconds)}`)]),
    row(['---', ...card.scores.map(() => '--:')]),
    ...symbols,
    '',
    row(['horizon', 'windows', 'champion, long', 'champion, short', 'baseline, long', 'baseline, short']),
    row(['---', '--:', '--:', '--:', '--:', '--:']),
    ...coverage,
  ].join('\n')
}
