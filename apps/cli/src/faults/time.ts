/** TIME: clocks that differ, and dates at the ends of what a number holds. */
import { Circuit, Header } from '@plimsoll/chain'
import { Certificate } from '@plimsoll/contracts'
import { type Row, verdict } from './Row.ts'

const moments = [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 1_709_164_800, 1_711_846_800]

export const rows: readonly Row[] = [
  {
    id: 'TIME-2',
    fault: 'times of 1970, 2038 and 2106, a leap day, a change of summer time',
    expected: 'unix seconds everywhere: no wrap, no local time',
    inject: async (seed) => {
      const all = [...moments, ...Array.from({ length: 1_000 }, () => seed.draw(2 ** 32))]
      const header = (timestamp: number) =>
        Header.parse({
          number: '0x1',
          hash: `0x${'aa'.repeat(32)}`,
          parentHash: `0x${'bb'.repeat(32)}`,
          timestamp: `0x${timestamp.toString(16)}`,
        })
      const read = all.filter((moment) => header(moment).timestamp !== moment)
      const wire = all.filter((moment) => {
        const certificate = { ...blank, issuedAt: BigInt(moment), expiresAt: BigInt(moment) + 300n }
        return Certificate.fromMessage(JSON.parse(JSON.stringify(Certificate.toMessage(certificate)))).expiresAt !== BigInt(moment) + 300n
      })
      const grace = all.filter((moment) => {
        const steps = [1, 2, 3].reduce<Circuit.Circuit>(
          (circuit, step) => Circuit.next({ circuit, finding: { status: 'clean' }, asOf: moment + step }),
          Circuit.boot(moment),
        )
        return Circuit.mayLiquidate(steps, moment + 3 + 599) || !Circuit.mayLiquidate(steps, moment + 3 + 600)
      })
      const zone = process.env['TZ']
      process.env['TZ'] = 'America/New_York'
      const local = all.filter((moment) => header(moment).timestamp !== moment)
      if (zone === undefined) delete process.env['TZ']
      else process.env['TZ'] = zone
      return verdict({
        seen: `${all.length} moments: ${read.length + wire.length + grace.length + local.length} wrong`,
        evidence: 'headers, certificates on the wire, graces, and headers again in another time zone',
        holds: { none: read.length + wire.length + grace.length + local.length === 0 },
      })
    },
  },
]

const blank: Certificate.Certificate = {
  participantId: `0x${'01'.repeat(32)}`,
  account: `0x${'02'.repeat(20)}`,
  venue: `0x${'03'.repeat(20)}`,
  market: `0x${'04'.repeat(32)}`,
  maxNotional: 1n,
  credit: 1n,
  imPpm: 50_000,
  sequence: 1n,
  issuedAt: 0n,
  expiresAt: 300n,
  epoch: 1,
  inputsHash: `0x${'05'.repeat(32)}`,
  modelHash: `0x${'06'.repeat(32)}`,
  paramsHash: `0x${'07'.repeat(32)}`,
}
