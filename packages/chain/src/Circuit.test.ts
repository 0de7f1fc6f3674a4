import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Circuit from './Circuit.ts'

const numRuns = Number(process.env['PLIMSOLL_RUNS'] ?? 1000)
const clean = { status: 'clean' } as const
const degraded = { status: 'degraded', code: 'D' } as const
const frozen = { status: 'frozen', code: 'F' } as const
const run = (findings: readonly Circuit.Finding[], from: Circuit.Circuit = Circuit.boot(0)) =>
  findings.reduce<Circuit.Circuit>((circuit, finding, index) => Circuit.next({ circuit, finding, asOf: index + 1 }), from)
const ok = run([clean, clean, clean])

describe('next', () => {
  test('worked example: a fault acts at once, three clean rounds end it, and a grace follows', () => {
    expect(ok).toEqual({ state: 'OK', code: null, clean: 3, since: 3, graceUntil: 603 })
    const faulty = Circuit.next({ circuit: ok, finding: frozen, asOf: 1_000 })
    expect(faulty).toEqual({ state: 'FROZEN', code: 'F', clean: 0, since: 1_000, graceUntil: 603 })
    const back = [1_001, 1_002, 1_003].reduce<Circuit.Circuit>((circuit, asOf) => Circuit.next({ circuit, finding: clean, asOf }), faulty)
    expect(back).toEqual({ state: 'OK', code: null, clean: 3, since: 1_003, graceUntil: 1_603 })
  })

  test('edge: two clean rounds and a fault begin anew', () => {
    expect(run([clean, clean, frozen, clean, clean]).state).toBe('FROZEN')
    expect(run([clean, clean, frozen, clean, clean, clean]).state).toBe('OK')
  })

  test('edge: a lesser fault does not lift a greater one, nor is it told as the reason', () => {
    expect(run([frozen, degraded], ok)).toMatchObject({ state: 'FROZEN', code: 'F', since: 1 })
    expect(run([degraded, frozen], ok)).toMatchObject({ state: 'FROZEN', code: 'F', since: 2 })
    expect(run([degraded, degraded], ok)).toMatchObject({ state: 'DEGRADED', since: 1 })
  })

  test('edge: clean rounds of a closed circuit move neither its time nor its grace', () => {
    expect(run([clean, clean], ok)).toEqual(ok)
  })

  test('property: closed only after three clean rounds in a row', () => {
    const finding = fc.constantFrom<Circuit.Finding>(clean, degraded, frozen)
    fc.assert(
      fc.property(fc.array(finding, { maxLength: 40 }), (findings) => {
        const tail = findings.findLastIndex((one) => one.status !== 'clean')
        expect(run(findings).state === 'OK').toBe(
          findings.length - 1 - tail >= 3 || (run(findings.slice(0, tail)).state === 'OK' && tail === -1),
        )
      }),
      { numRuns },
    )
  })
})

describe('mayLiquidate', () => {
  test('edge: not before the last second of grace, and never while it is open', () => {
    expect([602, 603].map((asOf) => Circuit.mayLiquidate(ok, asOf))).toEqual([false, true])
    expect(Circuit.mayLiquidate(run([degraded], ok), 10_000)).toBe(false)
    expect(Circuit.mayLiquidate(Circuit.boot(0), 10_000)).toBe(false)
  })
})
