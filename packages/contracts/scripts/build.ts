/**
 * Compiles `contracts/` with the pinned npm compiler into `src/generated/`.
 *
 *   node scripts/build.ts                     write the artifacts
 *   node scripts/build.ts --check             exit 1 unless they belong to the sources as they stand (fast)
 *   node scripts/build.ts --check --compile   exit 1 unless compiling gives them byte for byte
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import solc from 'solc'
import * as compiler from './compiler.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const generated = join(root, 'src', 'generated')
const settings = {
  ...compiler.settings,
  outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object', 'storageLayout'] } },
}

/** What is deployed, and so has an artifact; an abstract contract or an interface has an ABI only. */
const artifacts = [
  ['Backstop', 'creation'],
  ['CollateralVault', 'creation'],
  ['LastPrice', 'creation'],
  ['LimitBook', 'creation'],
  ['Mandates', 'creation'],
  ['PerpVenue', 'creation'],
  ['Successions', 'creation'],
  ['Tranche', 'creation'],
  ['testing/CTokenMarket', 'creation'],
  ['testing/CometMarket', 'creation'],
  ['testing/HostileToken', 'creation'],
  ['testing/LendingReserve', 'creation'],
  ['testing/LoopReceipt', 'creation'],
  ['testing/ContractWallet', 'creation'],
  ['testing/Multicall', 'runtime'],
  ['testing/OddToken', 'creation'],
  ['testing/PriceFeed', 'creation'],
  ['testing/Receipt', 'creation'],
  ['testing/TestToken', 'creation'],
] as const

/** Whose storage is read by proof: these get a layout besides. */
const layouts = ['CollateralVault'] as const

type Diagnostic = { severity: 'error' | 'warning' | 'info'; formattedMessage: string; sourceLocation?: { file: string } }
type Contract = {
  abi: readonly unknown[]
  evm: { bytecode: { object: string }; deployedBytecode: { object: string } }
  storageLayout: { storage: readonly { label: string; slot: string; offset: number; type: string }[] }
}
type Output = { errors?: Diagnostic[]; contracts: Record<string, Record<string, Contract>> }

function sources(): Map<string, string> {
  const names = readdirSync(join(root, 'contracts'), { recursive: true, encoding: 'utf8' })
  return new Map(
    names
      .filter((name) => name.endsWith('.sol'))
      .map((name) => `contracts/${name.replaceAll('\\', '/')}`)
      .sort()
      .map((path) => [path, readFileSync(join(root, path), 'utf8')]),
  )
}

/** The sources, the compiler, its settings and the library's version: whatever changes one of them changes this. */
function sourceHash(): string {
  const hash = createHash('sha256')
  const library = JSON.parse(readFileSync(join(root, 'node_modules/@openzeppelin/contracts/package.json'), 'utf8'))
  const pin = JSON.parse(readFileSync(join(root, 'node_modules/solc/package.json'), 'utf8'))
  hash.update(JSON.stringify({ settings, artifacts, solc: pin.version, library: library.version }))
  for (const [path, content] of sources()) hash.update(`\0${path}\0${content}`)
  return hash.digest('hex')
}

function compile(): Output['contracts'] {
  const input = {
    language: 'Solidity',
    settings,
    sources: Object.fromEntries([...sources()].map(([path, content]) => [path, { content }])),
  }
  const read = (path: string) => ({ contents: readFileSync(join(root, path), 'utf8') })
  const output: Output = JSON.parse(solc.compile(JSON.stringify(input), { import: read }))
  const ours = ({ severity, sourceLocation }: Diagnostic) => severity === 'error' || !sourceLocation?.file.startsWith('node_modules/')
  const said = (output.errors ?? []).filter(ours)
  for (const { formattedMessage } of said) process.stderr.write(formattedMessage)
  if (said.length > 0) throw new Error(`The compiler had ${said.length} complaints; none is accepted.`)
  return output.contracts
}

function render(): Map<string, string> {
  const contracts = compile()
  const files = new Map<string, string>()
  const banner = '// Written by scripts/build.ts from contracts/. Do not edit.\n'
  const hex = (object: string) => `'0x${object}'`
  for (const [path, kind] of artifacts) {
    const name = path.slice(path.lastIndexOf('/') + 1)
    const contract = contracts[`contracts/${path}.sol`]?.[name]
    if (contract === undefined) throw new Error(`contracts/${path}.sol does not hold a contract named ${name}.`)
    const camel = name[0]?.toLowerCase() + name.slice(1)
    files.set(`abi/${name}.ts`, `${banner}export const ${camel}Abi = ${JSON.stringify(contract.abi, null, 2)} as const\n`)
    if (kind === 'creation')
      files.set(`bytecode/${name}.ts`, `${banner}export const ${camel}Bytecode = ${hex(contract.evm.bytecode.object)} as const\n`)
    if (kind === 'runtime')
      files.set(
        `bytecode/${name}.ts`,
        `${banner}export const ${camel}RuntimeBytecode = ${hex(contract.evm.deployedBytecode.object)} as const\n`,
      )
  }
  for (const name of layouts) {
    const entries = contracts[`contracts/${name}.sol`]?.[name]?.storageLayout.storage ?? []
    const lines = entries.map(
      ({ label, slot, offset, type }) =>
        `  ${label}: { slot: ${slot}n, offset: ${offset}, type: '${type.replace(/\)\d+_storage/g, ')')}' },\n`,
    )
    files.set(
      `layout/${name}.ts`,
      `${banner}export const ${name[0]?.toLowerCase()}${name.slice(1)}Layout = {\n${lines.join('')}} as const\n`,
    )
  }
  for (const kind of ['abi', 'bytecode', 'layout']) {
    const names = [...files.keys()].filter((file) => file.startsWith(`${kind}/`)).sort()
    const lines = names.map((file) => `export * from './${file.slice(kind.length + 1)}'\n`)
    files.set(`${kind}/index.ts`, banner + lines.join(''))
  }
  files.set('sourceHash.ts', `${banner}export const sourceHash = '${sourceHash()}'\n`)
  return files
}

function committed(): Map<string, string> {
  const names = readdirSync(generated, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  return new Map(names.map((name) => [name.replaceAll('\\', '/'), readFileSync(join(generated, name), 'utf8')]))
}

function fail(sentence: string): void {
  process.stderr.write(`${sentence} Run: node packages/contracts/scripts/build.ts\n`)
  process.exitCode = 1
}

if (process.argv.includes('--check')) {
  const have = committed()
  if (!have.get('sourceHash.ts')?.includes(`'${sourceHash()}'`)) fail('The committed artifacts were made from other Solidity sources.')
  else if (process.argv.includes('--compile')) {
    const want = render()
    const differ = [...new Set([...want.keys(), ...have.keys()])].filter((name) => want.get(name) !== have.get(name))
    if (differ.length > 0) fail(`Compiling gives other artifacts: ${differ.sort().join(', ')}.`)
  }
} else {
  const files = render()
  rmSync(generated, { recursive: true, force: true })
  for (const [name, content] of files) {
    mkdirSync(dirname(join(generated, name)), { recursive: true })
    writeFileSync(join(generated, name), content)
  }
  process.stdout.write(`Wrote ${files.size} files to ${relative(process.cwd(), generated)}.\n`)
}
