/** Days of the calendar in UTC, as a date field writes them, and the times they end at. */
const day = 86_400

/** The day of a time. Unix seconds. */
export function of(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10)
}

/** The ends of two days, the day of `now` ending now. Null where they are not two days in order, both begun. */
export function between(days: { readonly from: string; readonly to: string; readonly now: number }): Between | null {
  const [from, to] = [days.from, days.to].map((text) => Date.parse(`${text}T00:00:00Z`) / 1000 + day)
  if (from === undefined || to === undefined || !(from < to) || to - day > days.now) return null
  return { from, to: Math.min(to, days.now) }
}

export type Between = { readonly from: number; readonly to: number }
