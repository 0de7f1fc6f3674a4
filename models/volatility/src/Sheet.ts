import type { Card } from './Suite.ts'

/** The tables of a suite's card, in Markdown: every model beside the champion, the rows it loses included. */
export function tables(card: Card): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const percent = (share: number): string => `${(share * 100).toFixed(2)} %`
  const day = (at: number): string => new Date(at * 1_000).toISOString().slice(0, 10)
  const p = (value: number): string => (value < 0.001 ? '< 0.001' : value.toFixed(3))
  return card.members
    .map(({ horizonSeconds, comparison }) => {
      const { lines, symbols } = comparison
      const har = lines.find(({ model }) => model === 'log-har')
      const champion = lines.find(({ model }) => model === 'champion')
      return [
        `**${horizonSeconds / 3_600} h**, ${day(comparison.from)} to ${day(comparison.to)}, ${comparison.rows} origins`,
        '',
        row(['model', 'QLIKE', '/ log-har', 'DM p', 'calm days', 'DM p', 'MCS p', 'long > q99', 'short > q99', 'clustered', 'capital']),
        row(['---', ...new Array<string>(10).fill('--:')]),
        ...lines.map(({ model, qlike, ratio, betterP, ratioWithoutWorst, betterPWithoutWorst, setP, coverage, capital }) =>
          row([
            model,
            qlike.toFixed(4),
            ratio.toFixed(3),
            model === 'log-har' ? '' : p(betterP),
            ratioWithoutWorst.toFixed(3),
            model === 'log-har' ? '' : p(betterPWithoutWorst),
            setP.toFixed(2),
            percent(coverage.longPath.exceedance),
            percent(coverage.shortPath.exceedance),
            String(new Set([...coverage.longPath.clustered, ...coverage.shortPath.clustered]).size),
            percent(capital),
          ]),
        ),
        '',
        row(symbols),
        row(symbols.map(() => '--:')),
        row(
          symbols.map((symbol) => {
            const ratio = (champion?.bySymbol[symbol] ?? Number.NaN) / (har?.bySymbol[symbol] ?? Number.NaN)
            return ratio > 1 ? `**${ratio.toFixed(3)}** (loses)` : ratio.toFixed(3)
          }),
        ),
      ].join('\n')
    })
    .join('\n\n')
}
