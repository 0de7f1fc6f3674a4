import type { Bar } from './Bar.ts';
import { BaseError } from './BaseError.ts';
/** A bar with what was traded in it. In whatever unit: only ratios within one symbol are used. */
export type Traded = Bar & {
    readonly volume: number;
};
/**
 * What a symbol's bars say hour by hour. Everything a model of the next hours reads is a sum over these, in one order, so that a forecast
 * made online equals the one made in a backtest bit for bit.
 */
export type Hourly = {
    readonly symbol: string;
    readonly intervalSeconds: number;
    /** Hours since 1970 at which hour 0 of the arrays closes. */
    readonly firstHour: number;
    /** Hours held. Every array has this length, oldest first. */
    readonly length: number;
    readonly close: Float64Array;
    readonly low: Float64Array;
    readonly high: Float64Array;
    /** Log return of the hour. */
    readonly returns: Float64Array;
    /** Σ r² of the bars. */
    readonly variance: Float64Array;
    /** Σ r² of the bars that fell. */
    readonly down: Float64Array;
    /** Σ Garman–Klass variance of the bars, and of those in the last half and the last quarter of the hour. */
    readonly range: Float64Array;
    readonly rangeHalf: Float64Array;
    readonly rangeQuarter: Float64Array;
    readonly volume: Float64Array;
    /** Extremes of the first five and fifteen minutes; NaN where bars are too long to tell. */
    readonly lowFive: Float64Array;
    readonly highFive: Float64Array;
    readonly lowFifteen: Float64Array;
    readonly highFifteen: Float64Array;
};
/**
 * Adds bars up to hours. Hours that the series does not cover whole, at either end, are left out.
 *
 * Formula: `r = ln(close / close before)`; the first bar's is `ln(close / open)`.
 *
 * @param series.bars - sound and unbroken (`Bar.assertSeries`), oldest first.
 * @param series.intervalSeconds - divides an hour.
 * @throws {InvalidIntervalError}
 *
 * @example
 * Hourly.of({ symbol: 'ETH', intervalSeconds: 1800, bars: [1, 2].map((i) => ({ closeAt: 1800 * i, open: 1, high: 1, low: 1, close: 1, volume: 5 })) }).volume[0]
 * // => 10
 */
export declare function of(series: of.Series): Hourly;
export declare namespace of {
    type Series = {
        readonly symbol: string;
        readonly bars: readonly Traded[];
        readonly intervalSeconds: number;
    };
    type ErrorType = InvalidIntervalError;
}
/**
 * Sum of `count` hours that end with hour `index`, oldest first.
 *
 * @example
 * Hourly.sum(Float64Array.of(1, 2, 4), 2, 2)
 * // => 6
 */
export declare function sum(values: Float64Array, index: number, count: number): number;
/**
 * Worst log loss on the way and the log return at the end, over the hours after `index`. These are outcomes: never features.
 *
 * @returns null when the series ends before the horizon does.
 */
export declare function outcome(hourly: Hourly, index: number, hours: number): Outcome | null;
/**
 * Worst log losses of the first minutes after `index`: what a position that is closed out at once is exposed to.
 *
 * @returns null when the series ends before, or its bars are too long to tell.
 */
export declare function soon(hourly: Hourly, index: number, seconds: 300 | 900): {
    readonly longPath: number;
    readonly shortPath: number;
} | null;
/**
 * Bars of a longer interval from bars of a shorter one. Bars that are not whole, at either end, are left out.
 *
 * @param series.bars - sound and unbroken, oldest first.
 * @param to - the longer interval, a multiple of the shorter. Seconds.
 *
 * @example
 * Hourly.coarser({ symbol: 'ETH', intervalSeconds: 1800, bars: [1, 2].map((i) => ({ closeAt: 1800 * i, open: i, high: i, low: i, close: i, volume: 5 })) }, 3600)
 * // => [{ closeAt: 3600, open: 1, high: 2, low: 1, close: 2, volume: 10 }]
 */
export declare function coarser(series: of.Series, to: number): readonly Traded[];
/** What came of one origin. */
export type Outcome = {
    /** Σ r² over the horizon. */
    readonly variance: number;
    /** The same by Garman–Klass. */
    readonly range: number;
    readonly longPath: number;
    readonly shortPath: number;
    readonly end: number;
};
/** Variance an hour never counts below, so that a still market has a logarithm: 0.1 % annualised. */
export declare const leastVariance = 1e-10;
/** Thrown when bars cannot be added up to hours. */
export declare class InvalidIntervalError extends BaseError {
    readonly name = "Hourly.InvalidIntervalError";
    readonly intervalSeconds: number;
    constructor(args: {
        readonly intervalSeconds: number;
    });
}
//# sourceMappingURL=Hourly.d.ts.map