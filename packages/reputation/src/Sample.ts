/** What was known of somebody at one time, and what came of it later: a row to fit on, or to be judged by. */
export type Sample = {
  /** Whose. Rows of one subject are not independent. */
  readonly subject: string
  /** Nothing later than this is in `features`. Unix seconds. */
  readonly at: number
  /** When the outcome was known: a fit may see it from then on. Unix seconds. */
  readonly settledAt: number
  readonly bad: boolean
  /** Nothing was known: there is no history behind the features. */
  readonly newcomer: boolean
  /** By code. Whole numbers ≥ 0, ppm of one event for decayed counts. */
  readonly features: Readonly<Record<string, number>>
}
