/** A crash as people read it: a line a step, a plot of three prices, a table of two columns, and what happened in words. */
import * as print from '../print.ts'
import * as Plot from '../replay/Plot.ts'
import type * as Card from './Card.ts'
import type * as Crash from './Crash.ts'

/** What a step did, in a line. */
export function line(step: Crash.Step): string {
  const minutes = `${Math.floor(step.seconds / 60)}:${String(Math.round(step.seconds % 60)).padStart(2, '0')}`
  const side = (name: string, { price, facts }: Crash.Shown) => {
    const count = (kind: string) => facts.filter((fact) => fact.kind === kind).length
    const done = (['reduced', 'liquidated', 'inherited', 'sold'] as const).flatMap((kind) =>
      count(kind) > 0 ? [`${count(kind)} ${kind}`] : [],
    )
    return `${name} ${price.toFixed(2)}${done.length > 0 ? ` (${done.join(', ')})` : ''}`
  }
  return `  ${minutes.padStart(5)}  outside ${step.outside.toFixed(2)}  ${side('north', step.north)}  ${side('south', step.south)}`
}

/** Whether something was done in a step. */
export const isEventful = ({ north, south }: Crash.Step): boolean => north.facts.length + south.facts.length > 0

/** The whole. */
export function text(report: Crash.Report): string {
  const { north, south, steps } = report
  const of = (pick: (step: Crash.Step) => number) => steps.map(pick)
  return [
    `  ETH-PERP over ${Math.round((steps.at(-1)?.seconds ?? 0) / 60)} minutes, USD: · outside by itself, x north, o south`,
    Plot.chart(
      [
        { sign: 'x', values: of(({ north }) => north.price) },
        { sign: 'o', values: of(({ south }) => south.price) },
        { sign: '·', values: of(({ outside }) => outside) },
      ],
      { columns: Math.min(100, steps.length), rows: 16 },
    ),
    '',
    table(north, south),
    '',
    sentence(report),
    '',
    'Chains, contracts, accounts, liquidators and the desk are real; the outside market is simulated: its path is seeded, and what a venue passes on',
    'moves it by the impact of docs/method/replay.md, eq. (4). The liquidator has the backstop inherit, and its layers pay.',
    'The same policies over hundreds of seeds, and on real days: `plimsoll replay`.',
  ].join('\n')
}

type Row = readonly [title: string, north: string, south: string, ratio: string]

function table(north: Card.Card, south: Card.Card): string {
  const money = (title: string, pick: (card: Card.Card) => bigint): Row => {
    const [a, b] = [pick(north), pick(south)]
    return [title, dollars(a), dollars(b), ratio(Number(a), Number(b))]
  }
  const count = (title: string, pick: (card: Card.Card) => number): Row => [
    ...([title, `${pick(north)}`, `${pick(south)}`] as const),
    ratio(pick(north), pick(south)),
  ]
  const share = (title: string, pick: (card: Card.Card) => number): Row => [
    ...([title, percent(pick(north)), percent(pick(south))] as const),
    ratio(pick(north), pick(south)),
  ]
  return print.table([
    ['', 'north: at the threshold', 'south: the engines', 'south/north'],
    count('accounts liquidated', ({ liquidated }) => liquidated),
    count('accounts inherited by the backstop', ({ inherited }) => inherited),
    count('accounts reduced before the threshold', ({ reduced }) => reduced),
    count('  of them neither liquidated nor inherited', ({ spared }) => spared),
    money('forced: liquidated or inherited', ({ forced }) => forced),
    money('  of it inherited', ({ takenOver }) => takenOver),
    money('reduced before the threshold', ({ before }) => before),
    money('sold into the market: liquidated or reduced', ({ forced, takenOver, before }) => forced - takenOver + before),
    money('peak liquidated within a minute', ({ peak }) => peak),
    share('drawdown', ({ drawdown }) => drawdown),
    share("  beyond the outside path's own", ({ extra }) => extra),
    money('bad debt of accounts', ({ badDebt }) => badDebt),
    money('  that nobody has paid yet', ({ unpaid }) => unpaid),
    money('lost by accounts that lost', ({ lost }) => lost),
    count('closed though healthy, or reduced though not', ({ amiss }) => amiss.healthy + amiss.failed),
    money('inventory of the backstop', ({ inventory }) => inventory),
    money('result of the backstop', ({ backstop }) => backstop),
    money('result of its desk', ({ desk }) => desk),
    ['every cent accounted for', north.conserved ? 'yes' : 'NO', south.conserved ? 'yes' : 'NO', ''],
  ])
}

function sentence({ north, south, late, held, accounts }: Crash.Report): string {
  const fell = (card: Card.Card) => `${percent(card.drawdown)}, ${(100 * card.extra).toFixed(2)} points more than outside`
  const first = `Of ${accounts} accounts ${north.liquidated} were liquidated in the north, and the price fell by ${fell(north)}. In the south ${south.liquidated} were, ${south.inherited} were inherited by the backstop, ${south.reduced} were made smaller before, and it fell by ${fell(south)}.`
  const worse = `The south fell no less: ${dollars(south.before)} was sold ahead of the threshold besides ${dollars(south.forced - south.takenOver)} at it, and no more than ${dollars(south.takenOver)} was so far gone that the backstop could inherit it.`
  const second = `Of those that failed in the south ${south.unwarned} had never been reduced, and ${south.reduced - south.spared} had been and failed all the same: of an account no more than a thousandth of the market's depth is sold in a step.`
  const reasons = Object.entries(held).sort(([, a], [, b]) => b - a)
  const third = `Reductions were held back by their plans, in so many steps: ${reasons.map(([reason, steps]) => `${reason} ${steps}`).join(', ')} (docs/method/prediction.md).`
  const slow = late.north + late.south
  return [
    ...[first, ...(south.extra < north.extra ? [] : [worse]), second],
    ...(reasons.length > 0 ? [third] : []),
    ...(slow > 0 ? [`In ${slow} steps a liquidator had not looked in time: this machine is slow or busy.`] : []),
  ].join('\n')
}

/** Whole dollars, to the nearest. */
function dollars(value: bigint): string {
  return print.usd((value / 10n ** 18n) * 10n ** 18n).replace(/\.00$/, '')
}

const percent = (value: number): string => `${(100 * value).toFixed(2)} %`
const ratio = (north: number, south: number): string => (north > 0 && south >= 0 ? (south / north).toFixed(2) : '')
