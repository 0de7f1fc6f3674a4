/** Which mutant is on in this process; sources that `Mutants.switched` wrote ask here. */

export class EndlessError extends Error {
  override readonly name = 'Switchboard.EndlessError'
}

let active = -1
let reached: Set<number> | null = null
let steps = 0
let most = Infinity

/** Whether the mutant is on. */
export function on(mutant: number): boolean {
  if (reached !== null) reached.add(mutant)
  return mutant === active
}

/**
 * One round of a loop.
 *
 * @throws {EndlessError} the loops since `turn` have gone round more often than they may, and from then on each time.
 */
export function step(): void {
  steps++
  if (steps > most) throw new EndlessError(`More than ${most} rounds of loops.`)
}

/** Turns one mutant on, or none with −1, and starts to count the rounds. */
export function turn(mutant: number, rounds: number): void {
  active = mutant
  most = rounds
  steps = 0
}

export function rounds(): number {
  return steps
}

/** Whether the loops went round more often than they may, whatever has become of the error. */
export function exhausted(): boolean {
  return steps > most
}

/** Starts to write down which mutants are asked for; `recorded` ends it. */
export function record(): void {
  reached = new Set()
}

export function recorded(): ReadonlySet<number> {
  const found = reached ?? new Set<number>()
  reached = null
  return found
}
