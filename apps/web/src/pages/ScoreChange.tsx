/** What moved the score between two days, line by line: the lines sum to the difference. */
import { useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import * as Fault from '../Fault.ts'
import { FaultNotice } from '../parts/Notice.tsx'
import { Panel } from '../parts/Panel.tsx'
import * as Queries from '../Queries.ts'
import * as Days from '../view/Days.ts'
import * as Format from '../view/Format.ts'
import * as Words from '../view/Words.ts'

export function ScoreChange() {
  const [opened] = useState(() => Math.floor(Date.now() / 1000))
  const today = Days.of(opened)
  const [from, setFrom] = useState(Days.of(opened - 30 * 86_400))
  const [to, setTo] = useState(today)
  const times = Days.between({ from, to, now: opened })
  const query = useQuery({ ...Queries.scoreDiff(times ?? { from: opened, to: opened }), enabled: times !== null })
  return (
    <Panel title="What changed between two days" source="By everything that is known now">
      <div className="mb-4 flex flex-wrap gap-4">
        <Day label="From the end of" value={from} latest={to} onChange={setFrom} />
        <Day label="to the end of" value={to} latest={today} onChange={setTo} />
      </div>
      {times === null && <p className="text-fog-300 text-sm">Choose two days, the first before the second, neither in the future.</p>}
      {times !== null && query.error !== null && <FaultNotice tone="warn" fault={Fault.of(query.error)} />}
      {times !== null && query.data === undefined && query.error === null && (
        <p className="py-4 text-center text-fog-400 text-sm">Waiting for the comparison…</p>
      )}
      {times !== null && query.data !== undefined && (
        <table data-testid="score-change" className="w-full text-sm">
          <caption className="mb-2 text-left text-fog-300">
            {query.data.lines.length === 0
              ? `Nothing moved it: ${query.data.from.score} on both days.`
              : `From ${query.data.from.score} to ${query.data.to.score}.`}
          </caption>
          <thead className="text-fog-400 text-xs">
            <tr>
              <th scope="col" className="pb-1.5 text-left font-normal">
                What moved
              </th>
              <th scope="col" className="pb-1.5 pl-3 text-right font-normal">
                from
              </th>
              <th scope="col" className="pb-1.5 pl-3 text-right font-normal">
                to
              </th>
              <th scope="col" className="pb-1.5 pl-3 text-right font-normal">
                Points
              </th>
            </tr>
          </thead>
          <tbody>
            {query.data.lines.map(({ code, from: before, to: after, points }) => (
              <tr key={code} data-change={points} className="border-ink-800 border-t">
                <th scope="row" className="py-1.5 pr-2 text-left font-medium text-fog-100">
                  {Words.feature(code).name} <code className="font-mono font-normal text-fog-400 text-xs">{code}</code>
                </th>
                <td className="py-1.5 pl-3 text-right text-fog-300">{Format.points(before)}</td>
                <td className="py-1.5 pl-3 text-right text-fog-300">{Format.points(after)}</td>
                <td className={`py-1.5 pl-3 text-right font-semibold ${points < 0 ? 'text-coral-300' : 'text-sea-300'}`}>
                  {Format.points(points)}
                </td>
              </tr>
            ))}
            <tr className="border-ink-600 border-t">
              <th scope="row" className="py-1.5 text-left font-semibold text-fog-100">
                Score
              </th>
              <td className="py-1.5 pl-3 text-right text-fog-300">{query.data.from.score}</td>
              <td className="py-1.5 pl-3 text-right text-fog-300">{query.data.to.score}</td>
              <td className="py-1.5 pl-3 text-right font-semibold text-fog-100">
                {Format.points(query.data.to.score - query.data.from.score)}
              </td>
            </tr>
          </tbody>
        </table>
      )}
    </Panel>
  )
}

function Day(props: {
  readonly label: string
  readonly value: string
  readonly latest: string
  readonly onChange: (value: string) => void
}) {
  const id = useId()
  return (
    <div>
      <label htmlFor={id} className="mb-1 block text-fog-300 text-xs">
        {props.label}
      </label>
      <input
        id={id}
        type="date"
        max={props.latest}
        value={props.value}
        onChange={(event) => props.onChange(event.target.value)}
        className="min-h-10 rounded-lg border border-ink-600 bg-ink-850 px-3 text-fog-100 text-sm [color-scheme:dark]"
      />
    </div>
  )
}
