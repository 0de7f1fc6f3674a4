/**
 * Who may import whom: the table of ARCHITECTURE.md, checked on the sources.
 *
 * Turbo's boundaries see manifests and tags, biome sees one file at a time; this sees what both let pass: a declared
 * dependency that a leaf may not have, type-only borders, test kits in production code, cycles through several files.
 */
import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { hostUses, type Import, imports } from './Source.ts'
import { files, isTool, type Package, packages } from './Workspace.ts'

export type Breach = { readonly file: string; readonly line: number; readonly message: string }

export type Rule = {
  /** Workspace packages that sources may import. */
  readonly imports: readonly string[]
  /** Workspace packages of which only types may be imported. */
  readonly types?: readonly string[]
  /** Workspace packages that tests may import besides. */
  readonly tests?: readonly string[]
  /** Packages from outside that sources may import: absent means whatever the manifest declares. */
  readonly outside?: readonly string[]
  /** Names from outside that nothing of the package may touch, tests included. */
  readonly never?: RegExp
}

const leaves = ['margin', 'reputation', 'volatility']
const pure = [...leaves, 'liquidation']
const io = ['chain', 'store']

/** By name without the scope. */
export const rules: Readonly<Record<string, Rule>> = {
  margin: { imports: [], outside: [] },
  reputation: { imports: [], outside: [] },
  volatility: { imports: [], outside: [] },
  liquidation: { imports: ['margin'], outside: [] },
  contracts: { imports: [], outside: ['viem'] },
  chain: { imports: ['contracts', ...pure], tests: ['localnet'] },
  store: { imports: ['contracts', ...pure], tests: ['localnet'] },
  api: { imports: ['contracts', ...pure] },
  sdk: { imports: ['contracts', ...pure], types: ['api'], tests: ['api'] },
  localnet: { imports: ['contracts'] },
  'volatility-model': { imports: ['volatility'] },
  gateway: { imports: ['contracts', 'api', 'volatility-model', ...pure, ...io], tests: ['localnet', 'sdk'] },
  forecaster: { imports: ['contracts', 'api', 'volatility-model', ...pure, ...io], tests: ['localnet', 'sdk'] },
  signer: { imports: ['contracts', 'api', 'margin', 'reputation', 'chain'], tests: ['localnet'] },
  liquidator: { imports: ['contracts', 'api', ...pure, ...io], tests: ['localnet'] },
  backstop: { imports: ['contracts', 'api', ...pure, ...io], tests: ['localnet'] },
  web: { imports: ['sdk', ...pure], types: ['api'], tests: ['api', 'contracts', 'localnet'], never: /tensorflow|tfjs/ },
  cli: { imports: ['contracts', 'api', 'sdk', 'localnet', 'volatility-model', ...pure, ...io] },
  'example-first-limit': { imports: ['contracts', 'sdk', 'localnet', ...pure] },
}

const scope = '@plimsoll/'
const shortName = (name: string) => name.replace(scope, '')
const packageOf = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

export function breaches(root: string): Breach[] {
  const graph = new Map<string, string[]>()
  const found = packages(root).flatMap((each) => ofPackage(root, each, graph))
  return [...found, ...cycles(graph)]
}

function ofPackage(root: string, { folder, manifest }: Package, graph: Map<string, string[]>): Breach[] {
  const name = shortName(manifest.name)
  const rule = rules[name]
  if (!rule)
    return [
      { file: `${folder}/package.json`, line: 1, message: `${manifest.name} has no rule: add it to scripts/Layers.ts and ARCHITECTURE.md` },
    ]
  const found: Breach[] = []
  for (const dependency of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.peerDependencies }))
    if (rule.outside && !dependency.startsWith(scope) && !rule.outside.includes(dependency))
      found.push({ file: `${folder}/package.json`, line: 1, message: `${manifest.name} may not depend on ${dependency}` })

  const sources = files(root, folder, ['.ts', '.tsx', '.mjs']).map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))
  const parsed = sources.map(({ file, text }) => ({ file, text, all: imports(file, text) }))
  for (const { file, all } of parsed) {
    const relative = all.filter((each) => each.specifier.startsWith('.') && !each.typeOnly)
    graph.set(
      file,
      relative.map((each) => normalize(join(dirname(file), each.specifier))).filter((target) => target.startsWith(`${folder}/`)),
    )
  }
  const shipped = reachable(entries(folder, manifest), graph)
  for (const { file, text, all } of parsed) {
    for (const each of all) {
      const message = refusal({ file, folder, each, rule, manifest, shipped: shipped.has(file) })
      if (message) found.push({ file, line: each.line, message })
    }
    if (pure.includes(name) && !isTool(file))
      for (const use of hostUses(file, text))
        found.push({ file, line: use.line, message: `${manifest.name} is pure and may not use ${use.text}` })
  }
  return found
}

/** The files at which the package is entered: what it exports, and what is started. */
function entries(folder: string, { exports = {} }: Package['manifest']): string[] {
  return [...Object.values(exports), './src/main.ts', './src/main.tsx'].map((file) => normalize(join(folder, file)))
}

function reachable(from: readonly string[], graph: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const seen = new Set<string>()
  const waiting = [...from]
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue
    seen.add(file)
    waiting.push(...(graph.get(file) ?? []))
  }
  return seen
}

type Question = {
  readonly file: string
  readonly folder: string
  readonly each: Import
  readonly rule: Rule
  readonly manifest: Package['manifest']
  /** An entry of the package leads to this file. What only a build tool reads may use what only the build needs. */
  readonly shipped: boolean
}

/** Why this import may not stand, or null. */
function refusal({ file, folder, each: { specifier, typeOnly }, rule, manifest, shipped }: Question): string | null {
  const tool = isTool(file)
  if (specifier.startsWith('.')) {
    const target = normalize(join(dirname(file), specifier))
    return target.startsWith(`${folder}/`) ? null : `${specifier} leaves the package: import it by its name`
  }
  if (specifier.startsWith('node:'))
    return rule.outside && !tool && folder !== 'packages/contracts' ? `${manifest.name} is pure and may not import ${specifier}` : null

  const target = packageOf(specifier)
  if (target === manifest.name) return null
  if (target.startsWith(scope)) {
    const name = shortName(target)
    if (rule.imports.includes(name)) return null
    if (typeOnly && rule.types?.includes(name)) return null
    if (tool && rule.tests?.includes(name)) return null
    if (rule.types?.includes(name)) return `${manifest.name} may import types from ${target}, and nothing else`
    if (rule.tests?.includes(name)) return `${manifest.name} may import ${target} in tests only`
    return `${manifest.name} may not import ${target}`
  }
  if (rule.never?.test(specifier)) return `${manifest.name} may not import ${target}`
  if (tool) return null
  if (rule.outside && !rule.outside.includes(target)) return `${manifest.name} may not import ${target}`
  const declared = { ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.peerDependencies }
  // Type-only imports leave nothing at run time, and what an app bundles may be a devDependency.
  if (target in declared || typeOnly || !shipped || folder === 'apps/web') return null
  return `${target} is not a dependency of ${manifest.name}`
}

/** Import cycles between files, each once, as the path that closes it. */
function cycles(graph: ReadonlyMap<string, readonly string[]>): Breach[] {
  const found: Breach[] = []
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file)
    if (start >= 0) found.push({ file, line: 1, message: `import cycle: ${[...path.slice(start), file].join(' → ')}` })
    if (start >= 0 || done.has(file)) return
    for (const next of graph.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of graph.keys()) visit(file, [])
  return found
}
