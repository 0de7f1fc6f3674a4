/** What is happening, on stderr, so that stdout stays clean for `--json`. */

export type Progress = {
  /** Runs one step, says what it is, and how long it took. */
  step<T>(title: string, work: () => Promise<T>): Promise<T>
  /** A line of the story. Nothing where only JSON is wanted. */
  say(text: string): void
}

/** `quiet` leaves the story out; steps are always shown. */
export function of(options: { readonly quiet: boolean }): Progress {
  const live = process.stderr.isTTY
  let count = 0
  return {
    async step(title, work) {
      count += 1
      const label = `${String(count).padStart(2)}  ${title}`
      if (live) process.stderr.write(`${label} …`)
      const started = performance.now()
      try {
        const value = await work()
        const seconds = ((performance.now() - started) / 1000).toFixed(1)
        process.stderr.write(`${live ? '\r\x1b[2K' : ''}✓ ${label}  (${seconds} s)\n`)
        return value
      } catch (error) {
        process.stderr.write(`${live ? '\r\x1b[2K' : ''}✗ ${label}\n`)
        throw error
      }
    },
    say: (text) => {
      if (!options.quiet) process.stdout.write(`${text}\n`)
    },
  }
}
