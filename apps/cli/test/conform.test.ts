/** The command as a person runs it, and every outside vector file where it is present. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { anchors } from '../src/conform/anchors.ts'
import * as Conformance from '../src/conform/Conformance.ts'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const shared = join(process.env['PLIMSOLL_SHARED'] ?? resolve(import.meta.dirname, '../../../../shared'), 'vectors')

function conform(documents: readonly unknown[], ...options: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'conform-'))
  const files = documents.map((document, index) => {
    const file = join(folder, `${index}.json`)
    writeFileSync(file, typeof document === 'string' ? document : JSON.stringify(document))
    return file
  })
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'conform', ...files, ...options], { encoding: 'utf8' })
  return { status, stdout, stderr }
}

/** Half of 3 at 10 % initial margin, and half of that for maintenance, both rounded up. */
const own = (mmr: string) => ({
  anchor: 'dydx-v4',
  groups: [
    {
      id: 'margin-requirements',
      cases: [
        {
          name: 'by hand',
          in: {
            baseQuantums: '-15',
            atomicResolution: -1,
            price: '20',
            exponent: -6,
            initialMarginPpm: 100_000,
            maintenanceFractionPpm: 500_000,
          },
          out: { imr: '3', mmr },
        },
      ],
    },
  ],
})

describe('plimsoll conform', () => {
  test('worked example: exit 0 when all pass, 1 when one does not, with the difference said', () => {
    const good = conform([own('2')], '--json')
    expect(good.status).toBe(0)
    expect(JSON.parse(good.stdout)).toEqual({
      files: [{ anchor: 'dydx-v4', groups: [{ id: 'margin-requirements', passed: 1, failed: 0, differences: [] }] }],
      passed: 1,
      failed: 0,
    })
    const bad = conform([own('2'), own('1')])
    expect(bad.status).toBe(1)
    expect(bad.stdout).toContain('mmr: want "1", got "2"')
    expect(bad.stdout).toContain('1 passed, 1 failed')
  })

  test('error: what is not a file of cases is said in a sentence', () => {
    const { status, stderr } = conform(['{'])
    expect(status).toBe(1)
    expect(stderr).toContain('VECTORS_UNREADABLE')
    expect(conform(['[]']).status).toBe(1)
    const other = conform([{ accounts: [] }])
    expect(other.status).toBe(1)
    expect(other.stdout).toMatch(/\n {2}\S+0\.json\n {4}The file has no groups, cases or fixtures\./)
  })
})

describe.skipIf(!existsSync(shared))('outside vectors (needs PLIMSOLL_SHARED or ../shared)', () => {
  const files = existsSync(shared) ? readdirSync(shared).filter((name) => name.endsWith('.json')) : []
  const documents = files.map((name) => [name, JSON.parse(readFileSync(join(shared, name), 'utf8')) as Conformance.Fields] as const)

  test.each(documents)('vector: %s', (_, document) => {
    const report = Conformance.run([document], anchors)
    expect(report.files.flatMap(({ groups }) => groups.flatMap((group) => group.differences))).toEqual([])
    expect(report.passed).toBeGreaterThan(0)
  })
})
