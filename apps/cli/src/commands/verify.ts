/** `plimsoll verify <certificate>`: recompute the limit from its bound inputs, and check the signature. */
import { readFile } from 'node:fs/promises'
import { createMarginClient, http, type SignedLimit, Verification } from '@plimsoll/sdk'
import { Command } from 'commander'
import { type Address, isAddress, isHex } from 'viem'
import { typed } from '../path.ts'
import { out } from './limit.ts'

/** The command. Exit 0 when every check holds, 2 when one does not. */
export function verify(): Command {
  return new Command('verify')
    .description('Replay a certificate bit for bit and recover its signers.')
    .argument('<certificate>', 'the signed certificate, a JSON file as `plimsoll limit --issue … --json` prints it')
    .option('--gateway <url>', 'fetch the inputs document and the signers from this gateway')
    .option('--inputs <file>', 'the inputs document, instead of fetching it')
    .option('--signers <addresses>', 'who may sign, comma-separated; needed with --inputs')
    .option('--threshold <n>', 'how many of --signers must; 1 unless given')
    .option('--at <unix seconds>', 'judge the expiry at this time instead of now')
    .option('--json', 'one JSON document on stdout')
    .addHelpText(
      'after',
      `
Examples:
  plimsoll verify certificate.json --gateway http://127.0.0.1:4600
  plimsoll verify certificate.json --inputs inputs.json --signers 0xabc…,0xdef… --threshold 2`,
    )
    .action(
      async (
        file: string,
        options: { gateway?: string; inputs?: string; signers?: string; threshold?: string; at?: string; json?: boolean },
      ) => {
        const signed = read(await readFile(typed(file), 'utf8'))
        // A blank is no time: an empty variable of a shell would have any certificate unexpired.
        const at = options.at === undefined ? {} : { asOf: whole('--at', options.at) }
        const signers = options.signers?.split(',').map(addressOf)
        // Nobody else's threshold: who asks for two signatures is not answered by a gateway that asks for one.
        if (options.threshold !== undefined && signers === undefined)
          throw new OptionError('--threshold needs --signers, of whom so many must.')
        const threshold = options.threshold === undefined ? 1 : whole('--threshold', options.threshold)
        const known = signers === undefined ? {} : { signers, threshold }
        let verdict: Verification.Verdict
        if (options.inputs !== undefined) {
          if (signers === undefined) throw new OptionError('--inputs needs --signers: without a gateway nothing says who may sign.')
          verdict = await Verification.verify({
            signed,
            document: (await readFile(typed(options.inputs), 'utf8')).trim(),
            signers,
            threshold,
            ...at,
          })
        } else if (options.gateway !== undefined) {
          verdict = await createMarginClient({ transport: http(options.gateway) }).verifyLimit(signed, { ...known, ...at })
        } else throw new OptionError('Give --gateway, or --inputs with --signers.')
        const lines = verdict.checks.map((check) => `  ${check.holds ? '✓' : '✗'} ${check.name}: ${check.detail}`)
        out(options.json, { status: verdict.status, checks: verdict.checks }, `${verdict.status}\n${lines.join('\n')}`)
        if (verdict.status !== 'valid') process.exitCode = 2
      },
    )
}

function whole(option: string, text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new OptionError(`${option} ${JSON.stringify(text)} is not a whole number above 0.`)
  return Number(text)
}

function addressOf(text: string): Address {
  const address = text.trim()
  if (!isAddress(address, { strict: false })) throw new OptionError(`--signers: ${JSON.stringify(address)} is not an address.`)
  return address
}

function read(text: string): SignedLimit {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new CertificateError('it is not JSON')
  }
  const { chainId, limitBook, certificate, signatures } = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>
  if (typeof chainId !== 'number' || typeof limitBook !== 'string' || !isAddress(limitBook, { strict: false }))
    throw new CertificateError('chainId or limitBook is missing')
  if (!Array.isArray(signatures) || !signatures.every((it) => isHex(it))) throw new CertificateError('signatures are missing')
  if (typeof certificate !== 'object' || certificate === null) throw new CertificateError('certificate is missing')
  const fields = certificate as Record<string, unknown>
  const hex = (name: string) => {
    const value = fields[name]
    if (!isHex(value)) throw new CertificateError(`${name} is not hex`)
    return value
  }
  const integer = (name: string) => {
    const value = fields[name]
    if (typeof value !== 'string' || !/^(0|[1-9]\d{0,77})$/.test(value)) throw new CertificateError(`${name} is not a decimal string`)
    return BigInt(value)
  }
  const small = (name: string) => {
    const value = fields[name]
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new CertificateError(`${name} is not a whole number`)
    return value
  }
  return {
    chainId,
    limitBook,
    signatures,
    certificate: {
      participantId: hex('participantId'),
      account: hex('account'),
      venue: hex('venue'),
      market: hex('market'),
      maxNotional: integer('maxNotional'),
      credit: integer('credit'),
      imPpm: small('imPpm'),
      sequence: integer('sequence'),
      issuedAt: integer('issuedAt'),
      expiresAt: integer('expiresAt'),
      epoch: small('epoch'),
      inputsHash: hex('inputsHash'),
      modelHash: hex('modelHash'),
      paramsHash: hex('paramsHash'),
    },
  }
}

/** Thrown when the file is no certificate. */
export class CertificateError extends Error {
  override readonly name = 'Verify.CertificateError'
  readonly code = 'CERTIFICATE_UNREADABLE'
  readonly hint = 'Give the document that `plimsoll limit --issue … --json` printed.'
  constructor(why: string) {
    super(`The certificate cannot be read: ${why}.`)
  }
}

/** Thrown when the options do not say enough. */
export class OptionError extends Error {
  override readonly name = 'Verify.OptionError'
  readonly code = 'OPTION_MISSING'
  readonly hint = 'See plimsoll verify --help.'
}
