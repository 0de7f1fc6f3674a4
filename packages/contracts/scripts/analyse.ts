/**
 * Runs slither over the contracts, and holds what it finds against findings.json, where each kind that is no fault says why.
 *
 *   python3 -m venv ~/slither && ~/slither/bin/pip install slither-analyzer==0.11.6
 *   PYTHON=~/slither/bin/python node scripts/analyse.ts               a table; exit 1 for what is not explained
 *
 * For measuring only: nothing else here needs Python.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as compiler from './compiler.ts'

type Finding = { readonly check: string; readonly impact: string; readonly confidence: string; readonly description: string }
/** `at` is what the finding's first line begins with; '' explains every finding of the check. */
type Explained = { readonly check: string; readonly at: string; readonly why: string }

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const explained: readonly Explained[] = JSON.parse(readFileSync(join(root, 'scripts/findings.json'), 'utf8'))

/** The contracts and all that they import, by path. What only tests deploy is left out. */
function sources(): Record<string, { content: string }> {
  const found = new Map<string, string>()
  const add = (path: string): void => {
    if (found.has(path)) return
    const content = readFileSync(join(root, path), 'utf8')
    found.set(path, content)
    for (const [, from = ''] of content.matchAll(/^import\s+(?:\{[^}]*\}\s+from\s+)?"([^"]+)"/gm))
      add(from.startsWith('.') ? normalize(join(dirname(path), from)) : from.replace('@openzeppelin/', 'node_modules/@openzeppelin/'))
  }
  for (const name of readdirSync(join(root, 'contracts'))) if (name.endsWith('.sol')) add(`contracts/${name}`)
  return Object.fromEntries([...found].map(([path, content]) => [path, { content }]))
}

function analyse(): readonly Finding[] {
  const folder = mkdtempSync(join(tmpdir(), 'analyse-'))
  try {
    const settings = {
      ...compiler.settings,
      outputSelection: {
        '*': { '*': ['abi', 'metadata', 'devdoc', 'userdoc', 'evm.bytecode', 'evm.deployedBytecode'], '': ['ast'] },
      },
    }
    const input = join(folder, 'input.json')
    writeFileSync(input, JSON.stringify({ language: 'Solidity', sources: sources(), settings }))
    const script = join(root, 'scripts/analyse.py')
    const { status, stdout, stderr, error } = spawnSync(
      process.env.PYTHON ?? 'python3',
      [script, input, join(root, 'scripts/solc.mjs'), root],
      { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024, env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` } },
    )
    if (error || status !== 0) throw new Error(`slither did not run: ${error?.message ?? stderr.trim().split('\n').at(-1)}`)
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '[]')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

try {
  const found = analyse()
  const whyOf = ({ check, description }: Finding) => explained.find((it) => it.check === check && description.startsWith(it.at))?.why
  for (const [check, all] of Map.groupBy(found, (finding) => finding.check)) {
    const open = all.filter((finding) => whyOf(finding) === undefined)
    process.stdout.write(
      `${check.padEnd(26)} ${`${all[0]?.impact}`.padEnd(14)} ${`${all.length}`.padStart(4)} found ${`${open.length}`.padStart(4)} open\n`,
    )
    for (const { description } of open) process.stdout.write(`    ${description.trim().split('\n').join('\n    ')}\n`)
    if (open.length > 0) process.exitCode = 1
  }
  for (const { check, at } of explained)
    if (!found.some((finding) => finding.check === check && finding.description.startsWith(at))) {
      process.stdout.write(`findings.json explains ${check} at "${at}", which is not found any more.\n`)
      process.exitCode = 1
    }
} catch (error) {
  process.stderr.write(
    `${error instanceof Error ? error.message : String(error)}\nInstall it as the head of scripts/analyse.ts says, and set PYTHON to that Python.\n`,
  )
  process.exitCode = 1
}
