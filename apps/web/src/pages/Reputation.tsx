/** My record: the score, the points it is made of, what it gives, and what would raise it. */
import { useQuery } from '@tanstack/react-query'
import * as Fault from '../Fault.ts'
import { Figure } from '../parts/Figure.tsx'
import { Icon } from '../parts/Icon.tsx'
import { FaultNotice } from '../parts/Notice.tsx'
import { Panel } from '../parts/Panel.tsx'
import { Unknown } from '../parts/Unknown.tsx'
import * as Queries from '../Queries.ts'
import * as Format from '../view/Format.ts'
import * as Words from '../view/Words.ts'

export function Reputation() {
  const query = useQuery(Queries.explanation)
  if (query.data === undefined)
    return query.error === null ? (
      <p className="py-10 text-center text-fog-400">Waiting for the record…</p>
    ) : (
      <FaultNotice tone="warn" fault={Fault.of(query.error)} />
    )
  const standing = query.data
  const widest = Math.max(1, ...standing.points.map(({ points }) => Math.abs(points)))
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_22rem]">
      <Panel title="Score" source={`Valid until ${time(standing.validUntil)}`}>
        <dl className="mb-5 grid grid-cols-2 gap-x-6 gap-y-4 sm:grid-cols-4">
          <Figure label="Score" large beside={`Tier ${standing.tier}: ${Words.tier(standing.tier)}`}>
            {standing.score}
          </Figure>
          <Figure label="Discount on initial margin" large beside="never on maintenance margin">
            {Format.percent(standing.imDiscountPpm, 2, 'down')}
          </Figure>
          <Figure label="Proven exposure" large beside="the discount applies up to here">
            {Format.usd(standing.provenCap, 'down')}
          </Figure>
          <Figure label="Cap of the tier" large beside="greatest notional">
            {Format.usd(standing.tierCap, 'down')}
          </Figure>
        </dl>
        <table className="w-full text-sm">
          <caption className="sr-only">Points that make the score of {standing.score}</caption>
          <thead className="text-left text-fog-400 text-xs">
            <tr>
              <th scope="col" className="pb-2 font-normal">
                What it is made of
              </th>
              <th scope="col" className="w-2/5 pb-2 pl-3 font-normal">
                Points
              </th>
            </tr>
          </thead>
          <tbody>
            {standing.points.map(({ feature, points, note }) => (
              <tr key={feature} data-points={points} className="border-ink-800 border-t">
                <th scope="row" className="py-2 pr-2 text-left font-medium text-fog-100">
                  {feature}
                  <span className="block font-normal text-fog-400 text-xs">{note}</span>
                </th>
                <td className="py-2 pl-3">
                  <div className="flex items-center gap-3">
                    <div aria-hidden="true" className="relative h-2.5 flex-1 rounded-sm bg-ink-800">
                      <span className="absolute inset-y-0 left-1/2 w-px bg-ink-600" />
                      <span
                        className={`absolute inset-y-0 rounded-sm ${points < 0 ? 'hatched right-1/2 bg-coral-400' : 'left-1/2 bg-sea-400'}`}
                        style={{ width: `${(Math.abs(points) / widest) * 50}%` }}
                      />
                    </div>
                    <span className="w-12 text-right text-fog-100">{points > 0 ? `+${points}` : points < 0 ? `−${-points}` : '0'}</span>
                  </div>
                </td>
              </tr>
            ))}
            <tr className="border-ink-600 border-t">
              <th scope="row" className="py-2 text-left font-semibold text-fog-100">
                Score
              </th>
              <td className="py-2 text-right font-semibold text-fog-100">{standing.score}</td>
            </tr>
          </tbody>
        </table>
      </Panel>
      <div className="flex flex-col gap-4">
        <Panel title="What would raise it">
          {standing.raises.length === 0 ? (
            <p className="text-sm">
              <Unknown>nothing named by the scorecard.</Unknown>
            </p>
          ) : (
            <ul className="flex flex-col gap-2 text-fog-300 text-sm">
              {standing.raises.map((line) => (
                <li key={line} className="flex gap-2">
                  <Icon name="check" className="mt-0.5 text-sea-300" />
                  {line}
                </li>
              ))}
            </ul>
          )}
        </Panel>
        <Panel title="Linked accounts">
          <ul className="flex flex-col gap-1.5 text-sm">
            {standing.accounts.map(({ account, linkedAt }) => (
              <li key={account} className="flex flex-wrap justify-between gap-x-3">
                <code className="font-mono text-fog-100" title={account}>
                  {Format.short(Words.addressOf(account))}
                </code>
                <span className="text-fog-400 text-xs">since {time(linkedAt)}</span>
              </li>
            ))}
          </ul>
        </Panel>
      </div>
    </div>
  )
}

function time(seconds: number): string {
  return new Date(seconds * 1000).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })
}
