/** Keeps the latest forecast of every symbol: made anew once the bars have changed. */
import type { Bar } from '@plimsoll/volatility'
import { type Forecast, type Registry, Serving } from '@plimsoll/volatility-model'

/** A forecast as published. The fields of the forecast are the ones margin takes into its inputs document. */
export type Published = Serving.Served & {
  readonly symbol: string
  /** When it was made, by our clock; `asOf` is market time. Unix seconds. */
  readonly issuedAt: number
  readonly modelVersion: string
  /** Why something else than the champion answered; null when it did. */
  readonly fallback: Forecast.Fallback | null
}

/** A symbol without a forecast, and why. */
export type Missing = {
  readonly symbol: string
  readonly code: string
  readonly message: string
  readonly hint: string
}

export type Edition = { readonly forecasts: readonly Published[]; readonly missing: readonly Missing[] }

export type Publish = {
  /** Says that the bars have changed; a new edition follows once pushes pause. */
  readonly changed: () => void
  /** The edition of the bars as they are now. */
  readonly latest: () => Edition
  readonly stop: () => void
}

/** How long pushes must pause before a new edition is made unasked. */
const pauseMs = 50

/**
 * @throws {Forecast.HorizonError} at once, when the model is not calibrated for a horizon.
 */
export function open(args: open.Arguments): Publish {
  const { model, market, now, horizons, onEdition, onFault } = args
  const lastGood: Record<string, Serving.Served> = {}
  let timer: NodeJS.Timeout | null = null
  let current: Edition | null = null

  const make = (): Edition => {
    const issuedAt = now()
    const outcomes = Object.entries(Serving.of({ model, market: market(), lastGood, ...horizons }))
    const edition: Edition = {
      forecasts: outcomes.flatMap(([symbol, outcome]) =>
        outcome.status === 'forecast'
          ? [{ symbol, ...outcome.forecast, issuedAt, modelVersion: model.version, fallback: outcome.fallback }]
          : [],
      ),
      missing: outcomes.flatMap(([symbol, outcome]) =>
        outcome.status === 'unavailable'
          ? [{ symbol, code: outcome.error.code, message: outcome.error.message, hint: outcome.error.hint }]
          : [],
      ),
    }
    for (const [symbol, outcome] of outcomes)
      if (outcome.status === 'forecast' && outcome.fallback === null) lastGood[symbol] = outcome.forecast
    onEdition(edition)
    return edition
  }
  const latest = (): Edition => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    current ??= make()
    return current
  }
  latest()
  return {
    latest,
    changed() {
      current = null
      if (timer !== null) clearTimeout(timer)
      timer = setTimeout(() => {
        try {
          latest()
        } catch (error) {
          onFault(error)
        }
      }, pauseMs)
    },
    stop() {
      if (timer !== null) clearTimeout(timer)
      timer = null
    },
  }
}

export declare namespace open {
  type Arguments = {
    readonly model: Registry.Model
    readonly market: () => Readonly<Record<string, readonly Bar.Bar[]>>
    readonly now: () => number
    readonly horizons: { readonly closeOutSeconds: number; readonly liquidationSeconds: number }
    readonly onEdition: (edition: Edition) => void
    /** An edition made unasked failed; whoever asks for it next is told as well. */
    readonly onFault: (error: unknown) => void
  }
}
