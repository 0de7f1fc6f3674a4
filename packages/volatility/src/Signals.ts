import { type Hourly, leastVariance, sum } from './Hourly.ts'

/** What a set of signals is for: models of another kind were fitted on other numbers. */
export type Kind = {
  readonly horizonHours: number
  /** Bars the hours were made of; below an hour, what happened within the last one is read as well. */
  readonly intervalSeconds: number
}

/** Signals of one symbol at one time, in the order of `names(kind)`. */
export type Row = { readonly symbol: string; readonly index: number; readonly values: Float64Array }

/** Whole hours a symbol needs up to an origin: four weeks, and the hour before them. */
export const hoursNeeded = 673

const day = 24
const week = 168
const month = 672

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
export function rows(market: readonly Hourly[], hour: number, kind: Kind): readonly Row[] {
  const own = market
    .flatMap((hourly) => {
      const index = hour - hourly.firstHour
      return index >= hoursNeeded - 1 && index < hourly.length
        ? [{ symbol: hourly.symbol, index, signals: measure(hourly, index, kind) }]
        : []
    })
    .sort((a, b) => (a.symbol < b.symbol ? -1 : 1))
  const [first] = own
  if (first === undefined) return []
  const column = new Map([...first.signals.keys()].map((name, k) => [name, k]))
  const values = own.map(({ signals }) => Float64Array.from(signals.values()))
  const shared = marketNames(kind).map((name) => {
    const k = column.get(name) ?? Number.NaN
    return values.reduce((total, each) => total + (each[k] ?? Number.NaN), 0) / values.length
  })
  const dispersion = spread(values, column.get('range 24 h') ?? Number.NaN)
  // The largest asset leads the others; where it is not listed, the first symbol stands in.
  const leader =
    values[
      Math.max(
        0,
        own.findIndex(({ symbol }) => /^(X?BTC|XBT)/.test(symbol)),
      )
    ]
  const led = leaderNames.map((name) => leader?.[column.get(name) ?? Number.NaN] ?? Number.NaN)
  const common = [...shared, dispersion, ...led, ...calendar(hour, kind)]
  return own.map(({ symbol, index }, i) => ({ symbol, index, values: Float64Array.from([...(values[i] ?? []), ...common]) }))
}

/**
 * What each value of a row is.
 *
 * @example
 * Signals.names({ horizonHours: 24, intervalSeconds: 3600 })[0]
 * // => 'range 1 h'
 */
export function names(kind: Kind): readonly string[] {
  const still: Hourly = { ...flat, intervalSeconds: kind.intervalSeconds }
  return [
    ...measure(still, hoursNeeded - 1, kind).keys(),
    ...marketNames(kind).map((name) => `market ${name}`),
    'dispersion of range 24 h',
    ...leaderNames.map((name) => `leader ${name}`),
    ...calendarNames(kind),
  ]
}

const leaderNames = ['range 1 h', 'range 6 h', 'range 24 h', 'range 7 d', 'shock 24 h'] as const

function marketNames(kind: Kind): readonly string[] {
  return [
    'range 1 h',
    'range 3 h',
    'range 6 h',
    'range 12 h',
    'range 24 h',
    'range 3 d',
    'range 7 d',
    'range 28 d',
    'shock 1 h',
    'shock 24 h',
    'shock 7 d',
    'shock 28 d',
    'absolute shock 1 h',
    'absolute shock 24 h',
    'volume 24 h / 7 d',
    'volume 6 h / 24 h',
    'volume 7 d / 28 d',
    'variance 1 d ago',
    ...(isIntraday(kind)
      ? ['profile 28 d', 'profile 7 d', 'profile of weekday', 'same hours 1 d ago', 'range 1 h ago', 'range 2 h ago']
      : []),
    ...(isFine(kind) ? ['range 15 min', 'range 30 min'] : []),
    ...(isIntraday(kind) ? [] : ['usual range 1 h', 'usual range 3 h', 'usual range 6 h', 'usual range 12 h']),
  ]
}

const isIntraday = ({ horizonHours }: Kind): boolean => horizonHours < day
const isFine = ({ intervalSeconds }: Kind): boolean => intervalSeconds <= 900

/** A symbol's own signals at hour `index`. */
function measure(hourly: Hourly, index: number, kind: Kind): Map<string, number> {
  const range = (hours: number, ago = 0): number => log(sum(hourly.range, index - ago, hours) / hours)
  const variance = (hours: number, ago = 0): number => log(sum(hourly.variance, index - ago, hours) / hours)
  const volume = (hours: number, ago = 0): number => Math.log(Math.max(sum(hourly.volume, index - ago, hours) / hours, 1e-9))
  const signals = new Map<string, number>()
  const ranges: readonly (readonly [string, number])[] = [
    ['1 h', 1],
    ['3 h', 3],
    ['6 h', 6],
    ['12 h', 12],
    ['24 h', day],
    ['3 d', 3 * day],
    ['7 d', week],
    ['28 d', month],
  ]
  for (const [name, hours] of ranges) signals.set(`range ${name}`, range(hours))
  for (const [name, hours] of [
    ['6 h', 6],
    ['24 h', day],
    ['7 d', week],
    ['28 d', month],
  ] as const)
    signals.set(`variance ${name}`, variance(hours))
  for (let d = 1; d <= 6; d++) signals.set(`variance ${d} d ago`, variance(day, day * d))
  for (let d = 1; d <= 6; d++) signals.set(`range ${d} d ago`, range(day, day * d))
  shocks(hourly, index, signals)
  signals.set('volume 24 h / 7 d', volume(day) - volume(week))
  signals.set('volume 7 d / 28 d', volume(week) - volume(month))
  signals.set('volume 6 h / 24 h', volume(6) - volume(day))
  signals.set('volume 1 h / 24 h', volume(1) - volume(day))
  signals.set('volume 24 h / day before', volume(day) - volume(day, day))
  if (isFine(kind)) {
    signals.set('range 15 min', log((hourly.rangeQuarter[index] ?? Number.NaN) * 4))
    signals.set('range 30 min', log((hourly.rangeHalf[index] ?? Number.NaN) * 2))
    signals.set('variance 1 h', variance(1))
    signals.set('variance 3 h', variance(3))
  }
  if (isIntraday(kind)) seasons(hourly, index, kind, signals)
  else usual(hourly, index, signals)
  return signals
}

/** Returns in deviations of a longer window; signed, for a fall and a rise are not alike, and absolute. */
function shocks({ returns, variance }: Hourly, index: number, signals: Map<string, number>): void {
  const deviation = (window: number, hours: number): number =>
    Math.sqrt((Math.max(sum(variance, index, window), window * leastVariance) * hours) / window)
  const signed = {
    'shock 1 h': sum(returns, index, 1) / deviation(day, 1),
    'shock 6 h': sum(returns, index, 6) / deviation(week, 6),
    'shock 24 h': sum(returns, index, day) / deviation(week, day),
    'shock 7 d': sum(returns, index, week) / deviation(month, week),
    'shock 28 d': sum(returns, index, month) / deviation(month, month),
  }
  for (const [name, value] of Object.entries(signed)) signals.set(name, value)
  for (const [name, value] of Object.entries(signed)) if (name !== 'shock 28 d') signals.set(`absolute ${name}`, Math.abs(value))
}

/** How volatile the coming hours of the day have been on the days before, against the level then. */
function seasons(hourly: Hourly, index: number, { horizonHours: hours }: Kind, signals: Map<string, number>): void {
  const coming = (days: number): number => sum(hourly.range, index - day * days + hours, hours) / hours
  const weekly = log(sum(hourly.range, index, week) / week)
  const monthly = log(sum(hourly.range, index, month) / month)
  const over = (count: number, of: (days: number) => number): number => {
    let total = 0
    for (let d = 1; d <= count; d++) total += of(d)
    return total / count
  }
  for (const d of [1, 2, 3, 7]) signals.set(`same hours ${d} d ago`, log(coming(d)))
  signals.set('profile 7 d', log(over(7, coming)) - weekly)
  signals.set('profile 28 d', over(28, (d) => log(coming(d))) - monthly)
  signals.set('profile now', over(28, (d) => log(hourly.range[index - day * (d - 1)] ?? Number.NaN)) - monthly)
  signals.set('profile of weekday', over(4, (d) => log(coming(7 * d))) - monthly)
  for (let h = 1; h <= 6; h++) signals.set(`range ${h} h ago`, log(hourly.range[index - h] ?? Number.NaN))
}

/** What the last hours are like at this time of the day, against the level: an origin at noon must not take the night for calm. */
function usual({ range }: Hourly, index: number, signals: Map<string, number>): void {
  const monthly = log(sum(range, index, month) / month)
  for (const hours of [1, 3, 6, 12]) {
    let total = 0
    for (let d = 0; d < 27; d++) total += log(sum(range, index - day * d, hours) / hours)
    signals.set(`usual range ${hours} h`, total / 27 - monthly)
  }
}

function calendarNames(kind: Kind): readonly string[] {
  const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
  if (!isIntraday(kind)) return [...weekdays, 'sine of hour', 'cosine of hour']
  const hours = Array.from({ length: day }, (_, h) => h)
  return [...weekdays, ...hours.slice(1).map((h) => `hour ${h}`), ...hours.map((h) => `weekend hour ${h}`)]
}

/** Share of the day after the origin on each weekday but Sunday, and the hour of the origin; for shorter horizons the origin's own weekday and hour. UTC. */
function calendar(hour: number, kind: Kind): readonly number[] {
  const weekday = (Math.floor(hour / day) + 4) % 7
  const into = hour % day
  if (!isIntraday(kind)) {
    const share = into / day
    const angle = 2 * Math.PI * share
    const shares = [1, 2, 3, 4, 5, 6].map((d) => (d === weekday ? 1 - share : 0) + (d === (weekday + 1) % 7 ? share : 0))
    return [...shares, Math.sin(angle), Math.cos(angle)]
  }
  const weekend = weekday === 0 || weekday === 6 ? 1 : 0
  const hours = Array.from({ length: day }, (_, h) => (h === into ? 1 : 0))
  return [...[1, 2, 3, 4, 5, 6].map((d) => (d === weekday ? 1 : 0)), ...hours.slice(1), ...hours.map((at) => at * weekend)]
}

function spread(values: readonly Float64Array[], k: number): number {
  const mean = values.reduce((total, each) => total + (each[k] ?? Number.NaN), 0) / values.length
  return Math.sqrt(values.reduce((total, each) => total + ((each[k] ?? Number.NaN) - mean) ** 2, 0) / values.length)
}

function log(variance: number): number {
  return Math.log(Math.max(variance, leastVariance))
}

/** A market that stands still, for the names alone. */
const zeros = new Float64Array(hoursNeeded)
const flat: Hourly = {
  symbol: '',
  intervalSeconds: 3_600,
  firstHour: 0,
  length: hoursNeeded,
  close: zeros,
  low: zeros,
  high: zeros,
  returns: zeros,
  variance: zeros,
  down: zeros,
  range: zeros,
  rangeHalf: zeros,
  rangeQuarter: zeros,
  volume: zeros,
  lowFive: zeros,
  highFive: zeros,
  lowFifteen: zeros,
  highFifteen: zeros,
}
