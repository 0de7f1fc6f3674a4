/** A bar of progress with the time left, on stderr: stdout stays clean for `--json`. */

export type Bar = {
  /** @param done - of `whole`, any unit. */
  readonly at: (done: number, whole: number, note?: string) => void
  readonly end: () => void
}

const width = 28

/** On a terminal the bar is redrawn in place; elsewhere a line is written for every tenth of the way. */
export function open(title: string): Bar {
  const live = process.stderr.isTTY
  const started = performance.now()
  let tenth = -1
  return {
    at(done, whole, note = '') {
      const share = whole > 0 ? Math.min(1, done / whole) : 0
      if (!live && Math.floor(share * 10) === tenth) return
      tenth = Math.floor(share * 10)
      const seconds = (performance.now() - started) / 1000
      const left = share > 0 ? `${clock((seconds / share) * (1 - share))} left` : 'time left unknown'
      const line = `${title}  ${of(share)}  ${(share * 100).toFixed(0).padStart(3)} %  ${left}${note === '' ? '' : `  ${note}`}`
      process.stderr.write(live ? `\r\x1b[2K${line}` : `${line}\n`)
    },
    end() {
      const line = `✓ ${title}  (${clock((performance.now() - started) / 1000)})`
      process.stderr.write(live ? `\r\x1b[2K${line}\n` : `${line}\n`)
    },
  }
}

/** The bar itself. `Bar.of(0.5)` is half full. */
export function of(share: number): string {
  const full = Math.round(share * width)
  return `[${'█'.repeat(full)}${'·'.repeat(width - full)}]`
}

/** Seconds as people say them: `42 s`, `3 min 05 s`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
}
