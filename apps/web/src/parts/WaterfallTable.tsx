import * as Format from '../view/Format.ts'
import * as Waterfall from '../view/Waterfall.ts'
import * as Words from '../view/Words.ts'

const colours = {
  im: { total: 'bg-sky-400', up: 'bg-coral-400 hatched', down: 'bg-sea-400', none: 'bg-fog-400' },
  notional: { total: 'bg-sky-400', up: 'bg-sea-400', down: 'bg-coral-400 hatched', none: 'bg-fog-400' },
} as const

/**
 * Why the limit is what it is: one row a factor, in initial margin and in dollars. The shown figures add up to the shown result.
 * Worse for the trader is hatched as well as red; better is solid.
 */
export function WaterfallTable({
  lines,
  stale = false,
  caption,
}: {
  readonly lines: readonly Waterfall.Line[]
  readonly stale?: boolean
  readonly caption: string
}) {
  const { im, notional } = Waterfall.of(lines)
  const written = Waterfall.written(lines.map((line) => line.notional))
  return (
    <>
      <table className={`w-full border-separate border-spacing-y-1 text-sm ${stale ? 'figure-stale' : ''}`}>
        <caption className="sr-only">{caption}</caption>
        <thead className="text-left text-fog-400 text-xs">
          <tr>
            <th scope="col" className="w-[34%] pb-1 font-normal">
              Factor
            </th>
            <th scope="col" className="pb-1 pl-3 font-normal">
              Initial margin
            </th>
            <th scope="col" className="pb-1 pl-3 font-normal">
              Limit
            </th>
          </tr>
        </thead>
        <tbody>
          {im.rows.map((row, index) => {
            const { name, says } = Words.factor(row.factor)
            const usd = notional.rows[index]
            const first = index === 0
            return (
              <tr key={row.factor} data-factor={row.factor} data-im-ppm={row.change} data-notional={usd?.change.toString()}>
                <th scope="row" className="py-1 pr-2 text-left align-top font-medium text-fog-100">
                  {name}
                  <span className="hidden font-normal text-fog-400 text-xs sm:block">{says}</span>
                </th>
                <td className="py-1 pl-3 align-top">
                  <Bar bar={row.bar} colour={colours.im[row.bar.direction]} />
                  <span className="text-fog-300 text-xs">
                    {first
                      ? Format.percent(row.change, 4, 'up')
                      : row.change === 0
                        ? 'no change'
                        : Format.signedPercent(row.change, 4, 'up')}
                  </span>
                </td>
                <td className="py-1 pl-3 align-top">
                  {usd && <Bar bar={usd.bar} colour={colours.notional[usd.bar.direction]} />}
                  <span className="text-fog-300 text-xs">{written.rows[index]}</span>
                </td>
              </tr>
            )
          })}
        </tbody>
        <tfoot>
          <tr data-factor="result" data-im-ppm={im.result} data-notional={notional.result.toString()}>
            <th scope="row" className="border-ink-700 border-t pt-2 pr-2 text-left align-top font-semibold text-fog-100">
              Result
            </th>
            <td className="border-ink-700 border-t pt-2 pl-3">
              <Bar bar={im.bar} colour={colours.im.total} />
              <strong className="font-semibold text-fog-100">{Format.percent(im.result, 4, 'up')}</strong>
            </td>
            <td className="border-ink-700 border-t pt-2 pl-3">
              <Bar bar={notional.bar} colour={colours.notional.total} />
              <strong className="font-semibold text-fog-100">{written.result}</strong>
            </td>
          </tr>
        </tfoot>
      </table>
      <details className="mt-2 text-xs sm:hidden">
        <summary className="cursor-pointer py-1 text-fog-300">What these are</summary>
        <dl className="mt-1 flex flex-col gap-1.5">
          {lines.map(({ factor }) => (
            <div key={factor}>
              <dt className="font-medium text-fog-100">{Words.factor(factor).name}</dt>
              <dd className="text-fog-400">{Words.factor(factor).says}</dd>
            </div>
          ))}
        </dl>
      </details>
    </>
  )
}

function Bar({ bar, colour }: { readonly bar: Waterfall.Bar; readonly colour: string }) {
  const width = Math.max(bar.end - bar.start, 0)
  return (
    <div aria-hidden="true" className="relative mb-0.5 h-3 overflow-hidden rounded-sm bg-ink-800">
      <div
        data-bar={bar.direction}
        className={`absolute inset-y-0 min-w-0.5 rounded-sm ${colour}`}
        style={{ left: `${bar.start}%`, width: `${width}%` }}
      />
    </div>
  )
}
