import { useId } from 'react'

/** What is supposed, with its value in words. */
export function Slider(props: {
  readonly label: string
  readonly min: number
  readonly max: number
  readonly step?: number
  readonly value: number
  readonly shown: string
  readonly onChange: (value: number) => void
}) {
  const id = useId()
  return (
    <div>
      <div className="mb-1 flex items-baseline justify-between gap-3 text-sm">
        <label htmlFor={id} className="text-fog-300">
          …{props.label}
        </label>
        <output htmlFor={id} className="whitespace-nowrap font-semibold text-fog-100">
          {props.shown}
        </output>
      </div>
      <input
        id={id}
        type="range"
        min={props.min}
        max={props.max}
        step={props.step ?? 1}
        value={props.value}
        aria-valuetext={props.shown}
        onChange={(event) => props.onChange(Number(event.target.value))}
        className="w-full"
      />
    </div>
  )
}
