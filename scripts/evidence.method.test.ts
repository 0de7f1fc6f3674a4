import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Envelope } from '../packages/chain/src/evidence.ts'
import { imports } from './Source.ts'
import * as Page from './testing/Page.ts'
import { files, packages, root } from './Workspace.ts'

const page = Page.read('evidence.md')

describe('docs/method/evidence.md', () => {
  test('the parts of an envelope follow each other, up to the longest there is', () => {
    const rows = Page.table(page, '| at | bytes | what |')
    const number = (cell = '') => Number(cell.replace('2ᵏ', `${2 ** 20}`))
    let at = 0
    for (const [from = '', bytes] of rows) {
      expect(from.split(' + ').reduce((sum, cell) => sum + number(cell), 0)).toBe(at)
      at += number(bytes)
    }
    expect(at).toBe(Envelope.maxBytes)
  })

  test('the codes of its threats are codes of the sources', () => {
    const source = (name: string) => readFileSync(join(root, `packages/${name}.ts`), 'utf8')
    const sources = [
      'chain/src/Envelope',
      'chain/src/Exhibit',
      'chain/src/Hpke',
      'chain/src/WorldId',
      'chain/src/WorldIdService',
      'store/src/Evidence',
    ]
    const all = sources.map(source).join('')
    const sections = page.split('\n## ').filter((section) => section.includes('| attempt |'))
    expect(sections.map((section) => section.split('\n', 1)[0])).toEqual(['World ID', 'Envelopes'])
    for (const section of sections) {
      const codes = Page.table(section, '| attempt | what stops it |').flatMap(([, cell = '']) => cell.match(/`[A-Z]+_[A-Z_]+`/g) ?? [])
      expect(new Set(codes).size).toBeGreaterThanOrEqual(5)
      for (const code of codes) expect(all).toContain(code.replaceAll('`', "'"))
    }
  })

  test('no service, and nothing that a service is made of, imports what opens envelopes', () => {
    const mayOpen = ['@plimsoll/cli']
    const found = packages(root).flatMap(({ folder, manifest }) =>
      files(root, folder, ['.ts', '.tsx'])
        .filter((file) =>
          imports(file, readFileSync(join(root, file), 'utf8')).some(({ specifier }) => specifier === '@plimsoll/chain/evidence'),
        )
        .map(() => manifest.name),
    )
    expect([...new Set(found)]).toEqual(mayOpen)
    const main = imports('index.ts', readFileSync(join(root, 'packages/chain/src/index.ts'), 'utf8')).map(({ specifier }) => specifier)
    expect(main).toContain('./PrivateTree.ts')
    expect(main.filter((it) => /Envelope|Exhibit|Hpke|evidence/.test(it))).toEqual([])
  })
})
