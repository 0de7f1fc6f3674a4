/** `plimsoll evidence keys`, `commit`, `seal` and `open`: private evidence, without any gateway. What is secret is read from files and written to them. */
import { open as openFile, readFile, writeFile } from 'node:fs/promises'
import { Envelope, Exhibit, Hpke, PrivateTree } from '@plimsoll/chain/evidence'
import { Command } from 'commander'
import { typed } from '../path.ts'
import { out } from './limit.ts'

type Hex = `0x${string}`
type Json = { readonly json?: boolean }
type Sealing = Json & {
  readonly out: string
  readonly to: readonly Hex[]
  readonly show?: readonly string[]
  readonly all?: boolean
} & Pick<Exhibit.Binding, 'schema' | 'owner'>
type Opening = Json & Exhibit.Binding & { readonly key: string }

const example = (text: string) => `\nExample:\n  ${text}`

/** The four parts. */
export function envelope(): readonly Command[] {
  return [
    part('keys', 'The public key of a key file, which is made where there is none. Give it to whoever shall seal for you.')
      .argument('<file>', 'a key file; only you may read it')
      .addHelpText('after', example('plimsoll evidence keys ~/evidence-key.json'))
      .action(keys),
    part('commit', 'Salt values, and print the root over them: it may be attested, and says nothing of them.')
      .argument('<file>', 'a JSON list of { "type", "name", "value" }')
      .requiredOption('--out <file>', 'where the salted values go; only you may read them, and nobody can make them again')
      .addHelpText(
        'after',
        `
A type is address, bool, bytes32, string or uint256; a uint256 is a decimal string, hex is in lower case. Each name stands once.
${example('plimsoll evidence commit values.json --out leaves.json')}`,
      )
      .action(commit),
    part('seal', 'Seal some salted values for some people, with what proves that they stand under the root.')
      .argument('<file>', 'salted values, from `commit`')
      .requiredOption('--to <key>', 'a public key of a recipient, once for each, up to 16; your own, to read it later', several)
      .requiredOption('--schema <hash>', 'the schema of the attestation that carries the root')
      .requiredOption('--owner <id>', 'the participant whose values they are')
      .requiredOption('--out <file>', 'where the envelope goes')
      .option('--show <name>', 'a value to show, once for each', several)
      .option('--all', 'show every value: a backup')
      .addHelpText(
        'after',
        `
Nobody but the recipients reads it, and it says neither whose it is nor how many they are. To add or remove one, seal again.
${example('plimsoll evidence seal leaves.json --show volume --to 0x… --to 0x… --schema 0x… --owner 0x… --out volume.envelope')}`,
      )
      .action(seal),
    part('open', 'Open an envelope, and check that what it shows stands under the root that was attested.')
      .argument('<file>', 'an envelope')
      .requiredOption('--key <file>', 'your key file')
      .requiredOption('--root <hash>', 'the root, from the attestation and not from the sender')
      .requiredOption('--schema <hash>', 'the schema of that attestation')
      .requiredOption('--owner <id>', 'the participant it is of')
      .addHelpText('after', example('plimsoll evidence open volume.envelope --key key.json --root 0x… --schema 0x… --owner 0x… --json'))
      .action(open),
  ]
}

function part(name: string, description: string): Command {
  return new Command(name).description(description).option('--json', 'one JSON document on stdout')
}

function several(each: string, before: readonly string[] = []): readonly string[] {
  return [...before, each]
}

async function keys(file: string, options: Json): Promise<void> {
  const known = await readFile(typed(file), 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null
    throw new FileError(file, error)
  })
  const pair = known === null ? await Hpke.keyPair() : await pairOf(file, known)
  if (known === null) await secret(file, pair)
  out(options.json, { publicKey: pair.publicKey, made: known === null }, pair.publicKey)
}

async function commit(file: string, options: Json & { readonly out: string }): Promise<void> {
  const leaves = listOf(file, await document(file)).map((value) => Exhibit.leaf({ ...fieldsOf(file, value), salt: PrivateTree.salt() }))
  const root = PrivateTree.root(leaves)
  await secret(options.out, leaves)
  out(options.json, { root, names: leaves.map(({ name }) => name) }, root)
}

async function seal(file: string, options: Sealing): Promise<void> {
  const leaves = listOf(file, await document(file)).map(Exhibit.leaf)
  const { schema, owner, to } = options
  const names = options.all ? leaves.map(({ name }) => name) : (options.show ?? [])
  const root = PrivateTree.root(leaves)
  const bytes = await Envelope.seal({ schema, root, owner, disclosure: PrivateTree.disclose(leaves, names) }, to)
  await writeFile(typed(options.out), bytes, { flag: 'wx' }).catch((cause: unknown) => {
    throw new FileError(options.out, cause)
  })
  const said = { root, shown: names, recipients: to.length, bytes: bytes.length }
  out(options.json, said, `sealed ${names.join(', ')} under ${root} for ${to.length}`)
}

async function open(file: string, options: Opening): Promise<void> {
  const { schema, root, owner } = options
  const { privateKey } = await pairOf(options.key, await text(options.key))
  const disclosure = await Envelope.open(await bounded(file), { binding: { schema, root, owner }, privateKey })
  const lines = disclosure.leaves.map(({ type, name, value }) => `  ${quoted(name)} ${type} ${quoted(String(value))}`)
  out(options.json, { schema, root, owner, disclosure }, [`proven under ${root}`, ...lines].join('\n'))
}

/** Somebody else's text for a terminal: nothing in it moves the cursor or turns the line round. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/\p{C}/gu, (each) => `\\u{${each.codePointAt(0)?.toString(16)}}`)
}

/** No more of a file than any envelope has. */
async function bounded(file: string): Promise<Uint8Array> {
  try {
    await using handle = await openFile(typed(file))
    const buffer = new Uint8Array(Envelope.maxBytes + 1)
    let length = 0
    for (let read = 1; read > 0 && length < buffer.length; length += read)
      read = (await handle.read(buffer, length, buffer.length - length)).bytesRead
    return buffer.slice(0, length)
  } catch (cause) {
    throw new FileError(file, cause)
  }
}

/** Written for its owner alone, and over nothing: what stood there could not be made again. */
async function secret(file: string, document: unknown): Promise<void> {
  const json = JSON.stringify(document, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value), 2)
  await writeFile(typed(file), `${json}\n`, { flag: 'wx', mode: 0o600 }).catch((cause: unknown) => {
    throw new FileError(file, cause)
  })
}

async function pairOf(file: string, content: string): Promise<Hpke.KeyPair> {
  const { privateKey } = fieldsOf(file, parsed(file, content))
  if (typeof privateKey !== 'string') throw new FileError(file, undefined)
  const key = privateKey as Hex
  return { publicKey: await Hpke.publicKeyOf(key), privateKey: key }
}

async function document(file: string): Promise<unknown> {
  return parsed(file, await text(file))
}

function text(file: string): Promise<string> {
  return readFile(typed(file), 'utf8').catch((cause: unknown) => {
    throw new FileError(file, cause)
  })
}

function parsed(file: string, content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    // The cause would quote what is secret.
    throw new FileError(file, undefined)
  }
}

function listOf(file: string, json: unknown): readonly unknown[] {
  if (!Array.isArray(json)) throw new FileError(file, undefined)
  return json
}

function fieldsOf(file: string, json: unknown): Readonly<Record<string, unknown>> {
  if (typeof json !== 'object' || json === null) throw new FileError(file, undefined)
  return json as Readonly<Record<string, unknown>>
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

/** Thrown when a file cannot be read or written, or is not what it should be. */
export class FileError extends Error {
  override readonly name = 'Envelope.FileError'
  readonly code: 'FILE_EXISTS' | 'FILE_UNREADABLE'
  readonly hint: string

  constructor(file: string, cause: unknown) {
    const exists = codeOf(cause) === 'EEXIST'
    super(exists ? `${file} is there already.` : `${file} cannot be used.`, { cause })
    this.code = exists ? 'FILE_EXISTS' : 'FILE_UNREADABLE'
    this.hint = exists ? 'Name a new file: nothing is written over.' : 'See plimsoll evidence --help for what each file holds.'
  }
}
