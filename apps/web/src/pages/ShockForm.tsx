/** What if the price moved by so much: the cascade over the book as it stands, round by round. */
import type { Stress } from '@plimsoll/sdk'
import { useQuery } from '@tanstack/react-query'
import { useDeferredValue, useEffect, useState } from 'react'
import * as Fault from '../Fault.ts'
import { Figure } from '../parts/Figure.tsx'
import { FaultNotice, Notice } from '../parts/Notice.tsx'
import { Panel } from '../parts/Panel.tsx'
import { Slider } from '../parts/Slider.tsx'
import * as Queries from '../Queries.ts'
import * as Format from '../view/Format.ts'

type Known = Extract<Stress, { readonly status: 'ok' }>

/** A slider is asked about once it rests. */
const restMs = 250

export function ShockForm({ market }: { readonly market: string }) {
  const [shock, setShock] = useState(-10)
  const [depth, setDepth] = useState(100)
  const asked = useResting(`${shock} ${depth}`)
  const [percent = -10, left = 100] = useDeferredValue(asked).split(' ').map(Number)
  const answer = useQuery(Queries.stress({ market, shockPpm: percent * 10_000, depthPpm: left * 10_000, others: 'alike' }))
  return (
    <Panel title="What if the price moved?" source="Computed by the gateway; binds nothing">
      <div className="mb-5 flex flex-col gap-4">
        <Slider
          label="the price moved by"
          min={-60}
          max={60}
          value={shock}
          shown={Format.signedPercent(shock * 10_000, 0, 'down')}
          // Nothing happens at 0: the step over it keeps the sign of the way.
          onChange={(value) => setShock(value === 0 ? (shock > 0 ? -1 : 1) : value)}
        />
        <Slider
          label="the depth of the market were"
          min={10}
          max={200}
          step={5}
          value={depth}
          shown={Format.percent(depth * 10_000, 0, 'down')}
          onChange={setDepth}
        />
      </div>
      {answer.error !== null && <FaultNotice tone="warn" fault={Fault.of(answer.error)} />}
      {answer.data === undefined && answer.error === null && (
        <p className="py-6 text-center text-fog-400 text-sm">Waiting for the answer…</p>
      )}
      {answer.data?.status === 'unread' && (
        <Notice tone="warn" title="The book is not known.">
          {answer.data.message}
        </Notice>
      )}
      {answer.data?.status === 'ok' && <Outcome it={answer.data} stale={answer.isPlaceholderData || asked !== `${shock} ${depth}`} />}
    </Panel>
  )
}

function Outcome({ it, stale }: { readonly it: Known; readonly stale: boolean }) {
  const { shockPpm, endsPpm, extraPpm, forced, liquidated, insolvent, badDebt, deleveraged, rounds, settled } = it
  const rounding = shockPpm < 0 ? 'down' : 'up'
  return (
    <div data-testid="stress" data-ends={endsPpm} data-shock={shockPpm} data-stale={stale} aria-live="polite">
      <dl className="grid grid-cols-2 gap-x-6 gap-y-4">
        <Figure
          label="It would end at"
          large
          stale={stale}
          beside={extraPpm === 0 ? 'nothing is forced' : `${Format.signedPercent(extraPpm, 1, rounding)} of it forced`}
        >
          {Format.signedPercent(endsPpm, 1, rounding)}
        </Figure>
        <Figure
          label="Forced to close"
          large
          stale={stale}
          beside={liquidated === 0 ? 'nobody is liquidated' : `${liquidated} liquidated in ${rounds} ${rounds === 1 ? 'round' : 'rounds'}`}
        >
          {forced === 0n ? 'Nothing' : Format.usd(forced, 'up')}
        </Figure>
        <Figure label="Losses they cannot pay" stale={stale} beside={insolvent > 0 && `of ${insolvent} accounts`}>
          {badDebt === 0n ? 'None' : Format.usd(badDebt, 'up')}
        </Figure>
        <Figure label="Taken from winners" stale={stale}>
          {deleveraged === 0n ? 'Nothing' : Format.usd(deleveraged, 'up')}
        </Figure>
      </dl>
      {!settled && <p className="mt-3 text-sm text-sun-300">Stopped after {it.roundCap} rounds: it would go at least this far.</p>}
      <Path it={it} />
    </div>
  )
}

/** The price round by round: down the page is down. */
function Path({ it }: { readonly it: Known }) {
  const moves = [0, it.shockPpm, ...(it.liquidated === 0 ? [] : it.path.map(({ movePpm }) => movePpm))]
  const [low, high] = [Math.min(...moves), Math.max(...moves)]
  const at = (move: number, i: number) => `${(i / (moves.length - 1)) * 400},${8 + (1 - (move - low) / (high - low)) * 84}`
  return (
    <figure className="mt-4">
      <svg
        viewBox="0 0 400 100"
        preserveAspectRatio="none"
        role="img"
        aria-label={`The price goes to ${Format.signedPercent(it.shockPpm, 1, 'down')} by the shock and to ${Format.signedPercent(it.endsPpm, 1, 'down')} by forced closing.`}
        className="h-24 w-full rounded-sm bg-ink-850"
      >
        <polyline
          points={moves.slice(0, 2).map(at).join(' ')}
          className="fill-none stroke-sky-400"
          strokeWidth="2"
          vectorEffect="non-scaling-stroke"
        />
        <polyline
          points={moves.map(at).slice(1).join(' ')}
          className="fill-none stroke-coral-400"
          strokeWidth="2"
          strokeDasharray="5 3"
          vectorEffect="non-scaling-stroke"
        />
      </svg>
      <figcaption className="mt-1 text-fog-400 text-xs">
        {it.liquidated === 0 ? 'The shock alone.' : 'Solid: the shock. Dashed: what forced closing adds, round by round.'} The other markets
        move alike.
      </figcaption>
    </figure>
  )
}

/** A value once it has not changed for a moment. */
function useResting<T>(value: T): T {
  const [resting, setResting] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setResting(value), restMs)
    return () => clearTimeout(timer)
  }, [value])
  return resting
}
