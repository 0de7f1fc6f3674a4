import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import * as Layers from './Layers.ts'
import { files, root } from './Workspace.ts'

const text = (file: string) => readFileSync(join(root, file), 'utf8')
const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...files(root, 'docs', ['.md']),
  ...files(root, 'models', ['.md']),
]

describe('the pages', () => {
  test('every link leads somewhere', () => {
    const broken = pages.flatMap((page) => {
      const targets = [...text(page).matchAll(/\]\(([^)#\s]+)(#[^)]*)?\)/g)].map((match) => match[1] ?? '')
      return targets
        .filter((target) => !/^https?:/.test(target) && !existsSync(join(root, dirname(page), target)))
        .map((target) => `${page}: ${target}`)
    })
    expect(broken).toEqual([])
  })

  test('every page and equation that a source cites is there', () => {
    const missing: string[] = []
    for (const file of ['packages', 'services', 'models', 'apps'].flatMap((folder) => files(root, folder, ['.ts', '.tsx', '.sol']))) {
      for (const [, page = '', equations = ''] of text(file).matchAll(/(docs\/[\w/-]+\.md)(, eq\. [^\n.]*)?/g)) {
        if (!existsSync(join(root, page))) missing.push(`${file}: ${page}`)
        else
          for (const [equation] of equations.matchAll(/\(\d+\w?\)/g))
            if (!numbered(page).has(equation)) missing.push(`${file}: ${page} has no ${equation}`)
      }
    }
    expect(missing).toEqual([])
  })

  test('no page numbers two equations alike', () => {
    const twice = files(root, 'docs/method', ['.md']).flatMap((page) => {
      const all = [...text(page).matchAll(number)].map(([one]) => one)
      return [...new Set(all.filter((one, index) => all.indexOf(one) !== index))].map((one) => `${page}: ${one}`)
    })
    expect(twice).toEqual([])
  })

  test('no source cites a document that is not in this repository', () => {
    const sources = ['packages', 'services', 'models', 'apps', 'examples', 'scripts'].flatMap((folder) =>
      files(root, folder, ['.ts', '.tsx', '.mjs', '.sol']),
    )
    const cites = (file: string) =>
      text(file)
        .split('\n')
        .flatMap((line, index) => (/DESIGN(\.md)? ?§|DESIGN\.md/.test(line) ? [`${file}:${index + 1}`] : []))
    expect(sources.filter((file) => file !== 'scripts/docs.test.ts').flatMap(cites)).toEqual([])
  })

  const kept = new Map<string, Set<string>>()
  /** At the end of a line, as in a formula block. */
  const number = /(?<=\s)\(\d+\w?\)$/gm
  function numbered(page: string): Set<string> {
    const known = kept.get(page) ?? new Set(text(page).match(number))
    kept.set(page, known)
    return known
  }

  test('the table in ARCHITECTURE.md is the one that is checked', () => {
    const names = (cell: string | undefined, wanted: (mark: string) => boolean) =>
      [...(cell ?? '').replace('pure', '`margin`, `reputation`, `volatility`, `liquidation`').matchAll(/`([\w-]+)`( \(types\))?/g)]
        .filter((match) => wanted(match[2] ?? ''))
        .map((match) => match[1])
        .sort()
    const lines = text('ARCHITECTURE.md').split('\n')
    const start = lines.findIndex((line) => line.startsWith('| package |')) + 2
    const rows = lines.slice(start, lines.indexOf('', start)).map((line) => line.split('|').slice(1, -1))
    const shown = rows.map(([name, imports, tests]) => [
      name?.replaceAll('`', '').trim(),
      { imports: names(imports, (mark) => mark === ''), types: names(imports, (mark) => mark !== ''), tests: names(tests, () => true) },
    ])
    const checked = Object.entries(Layers.rules).map(([name, rule]) => [
      name,
      { imports: [...rule.imports].sort(), types: [...(rule.types ?? [])].sort(), tests: [...(rule.tests ?? [])].sort() },
    ])
    expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(checked))
  })
})

describe('README.md', () => {
  test('its TypeScript is the example that runs in the tests, line by line', () => {
    const [block = ''] = [...text('README.md').matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1] ?? '')
    const shown = block.split('\n').filter((line) => line !== '')
    const run = text('examples/first-limit/src/firstLimit.ts')
      .split('\n')
      .map((line) => line.trim())
    expect(shown.length).toBeGreaterThan(10)
    let from = 0
    for (const line of shown) {
      const at = run.indexOf(line, from)
      expect(at, `examples/first-limit has no line, or not here: ${line}`).toBeGreaterThanOrEqual(0)
      from = at + 1
    }
  })
})

describe('docs/operating.md', () => {
  const section = (title: string) =>
    text('docs/operating.md')
      .split('\n## ')
      .find((part) => part.startsWith(title)) ?? ''
  const rows = section('Who needs what')
    .split('\n')
    .filter((line) => /^\| `/.test(line))
    .map((line) => line.split('|').slice(1, -1))

  test('every key of each environment has its place, and no other; ports are the ones listened on', () => {
    const everywhere = ['HOST', 'PORT', 'LOG_LEVEL']
    const shown = rows.map(([name = '', port = '', ...keys]) => [
      name.replaceAll('`', '').trim(),
      { port: port.trim(), keys: [...keys.join(' ').matchAll(/`(\w+)`/g)].map(([, key]) => key).sort() },
    ])
    const read = ['forecaster', 'signer', 'gateway', 'liquidator', 'backstop'].map((name) => {
      const source = text(`services/${name}/src/env.ts`)
      const schema = source.slice(source.indexOf('const schema'), source.indexOf('\n})'))
      const keys = [...schema.matchAll(/^ {2}([A-Z][A-Z_]*):/gm)].map(([, key = '']) => key)
      const [, port = ''] = /PORT: .*default\((\d+)\)/.exec(schema) ?? []
      return [name, { port, keys: keys.filter((key) => !everywhere.includes(key)).sort() }]
    })
    expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(read))
  })

  test('every code and every beginning of a fault that health is said to have is one of the gateway’s or a signer’s', () => {
    const folders = ['services/gateway/src', 'services/signer/src', 'packages/api/src', 'packages/chain/src']
    const sources = folders.flatMap((folder) => files(root, folder, ['.ts'])).filter((file) => !/\.test\.ts$/.test(file))
    const code = sources.map(text).join('\n')
    const table = section('What `health` says')
      .split('\n')
      .filter((line) => /^\| `/.test(line))
    const begins = table.flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, said = '']) => said))
    expect(begins.length).toBeGreaterThan(10)
    const words = begins.flatMap((said) => said.replace(/ …$|<\w+>/g, '').split(/[: ]+/)).filter((word) => word !== '')
    expect([...new Set(words)].filter((word) => !new RegExp(`[\`'\\s]${word}\\b`).test(code))).toEqual([])
  })
})

describe('docs/contracts.md', () => {
  test('the venue that it shows compiles', () => {
    const [, shown = ''] = /```solidity\n([\s\S]*?)```/.exec(text('docs/contracts.md')) ?? []
    const packages = join(root, 'packages/contracts')
    const solc = createRequire(join(packages, 'package.json'))('solc') as Compiler
    const find = (path: string) => {
      const file = [join(packages, 'contracts', path), join(packages, 'node_modules', path)].find(existsSync)
      return file === undefined ? { error: `there is no ${path}` } : { contents: readFileSync(file, 'utf8') }
    }
    const asked = {
      language: 'Solidity',
      sources: { 'Venue.sol': { content: shown } },
      settings: { outputSelection: { '*': { '*': ['abi'] } } },
    }
    const { errors = [], contracts = {} } = JSON.parse(solc.compile(JSON.stringify(asked), { import: find })) as Compiled
    expect(errors.filter(({ severity }) => severity === 'error')).toEqual([])
    expect(Object.keys(contracts['Venue.sol'] ?? {})).toEqual(['Venue'])
  })
})

type Compiler = { readonly compile: (input: string, options: { readonly import: (path: string) => object }) => string }
type Compiled = { readonly errors?: readonly { readonly severity: string }[]; readonly contracts?: Readonly<Record<string, object>> }
