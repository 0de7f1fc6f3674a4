import { type Hourly } from './Hourly.ts';
/** What a set of signals is for: models of another kind were fitted on other numbers. */
export type Kind = {
    readonly horizonHours: number;
    /** Bars the hours were made of; below an hour, what happened within the last one is read as well. */
    readonly intervalSeconds: number;
};
/** Signals of one symbol at one time, in the order of `names(kind)`. */
export type Row = {
    readonly symbol: string;
    readonly index: number;
    readonly values: Float64Array;
};
/** Whole hours a symbol needs up to an origin: four weeks, and the hour before them. */
export declare const hoursNeeded = 673;
/**
 * Signals of every symbol that has four weeks of hours up to an origin, by rising symbol. Only hours up to it are read, each sum runs over the
 * same hours in the same order however long the series is, and symbols without enough history do not enter the market's means: so the
 * value online equals the value in training bit for bit.
 *
 * All variances are logs of the mean per hour. A symbol's own: range variance over 1 h to 28 d, return variance over 6 h to 28 d and of each of
 * the last six days, returns in deviations, volume against its own past. The market's: means over symbols. The calendar of the horizon. For
 * horizons below a day also the same hours of the days before.
 *
 * @param market - hours by symbol, any order; all of one interval.
 * @param hour - the origin: hours since 1970.
 * @returns values of shape [names(kind).length].
 */
export declare function rows(market: readonly Hourly[], hour: number, kind: Kind): readonly Row[];
/**
 * What each value of a row is.
 *
 * @example
 * Signals.names({ horizonHours: 24, intervalSeconds: 3600 })[0]
 * // => 'range 1 h'
 */
export declare function names(kind: Kind): readonly string[];
//# sourceMappingURL=Signals.d.ts.map