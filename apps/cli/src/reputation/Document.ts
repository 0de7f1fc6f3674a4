/** Model files and event files: what the command writes and reads. */
import { readFile } from 'node:fs/promises'
import { Model, type TrackRecord } from '@plimsoll/reputation'
import { keccak256, toBytes } from 'viem'
import { typed } from '../path.ts'

/** A model with what it was fitted on, under the hash that a grant binds. */
export type ModelFile = {
  readonly modelHash: `0x${string}`
  readonly model: Model.Model
  readonly card: Card
}

export type Card = {
  readonly asOf: number
  readonly loans: Pool
  readonly liquidations: Pool
}

type Pool = {
  readonly sha256: string
  readonly samples: number
  readonly bad: number
  readonly from: number
  readonly to: number
}

/** keccak-256 of the canonical text. */
export function hashOf(model: Model.Model): `0x${string}` {
  return keccak256(toBytes(Model.canonical(model)))
}

/** What is written to a file: readable, bigint as decimal strings. */
export function text(document: ModelFile): string {
  return `${JSON.stringify(document, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value), 2)}\n`
}

/** The model of a file whose hash is its own, or the first one where no file is given. */
export async function readModel(file: string | undefined): Promise<{ readonly model: Model.Model; readonly modelHash: `0x${string}` }> {
  if (file === undefined) return { model: Model.first, modelHash: hashOf(Model.first) }
  const json = await readJson(file)
  if (!isRecord(json) || !isRecord(json['model'])) throw new DocumentError(file, 'it holds no model')
  const model = Model.parse(json['model'])
  const modelHash = hashOf(model)
  if (json['modelHash'] !== modelHash) throw new DocumentError(file, `its hash is ${modelHash}, not ${String(json['modelHash'])}`)
  return { model, modelHash }
}

const kinds = ['liquidation', 'badDebt', 'marginCall', 'selfRescue', 'close', 'fee', 'exposure'] as const

/** Events of one participant: a list of objects, amounts as decimal strings of USD × 1e18. */
export async function readEvents(file: string): Promise<readonly TrackRecord.Event[]> {
  const json = await readJson(file)
  if (!Array.isArray(json)) throw new DocumentError(file, 'it is not a list of events')
  return json.map((each: unknown, i) => {
    const fault = (what: string) => new DocumentError(file, `event ${i + 1} has no usable ${what}`)
    if (!isRecord(each)) throw fault('fields')
    const text = (name: string): string => {
      const value = each[name]
      if (typeof value !== 'string' || value === '') throw fault(name)
      return value
    }
    const usd = (name: string): bigint => {
      const value = each[name]
      if (typeof value !== 'string' || !/^\d{1,60}$/.test(value)) throw fault(name)
      return BigInt(value)
    }
    const whole = (name: string): number => {
      const value = each[name]
      if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw fault(name)
      return value
    }
    const kind = kinds.find((known) => known === each['kind'])
    const common = { id: text('id'), account: text('account'), at: whole('at'), amountUsd: usd('amountUsd') }
    switch (kind) {
      case 'close':
        return { ...common, kind, heldSeconds: whole('heldSeconds') }
      case 'fee':
        return { ...common, kind, recoverableUsd: usd('recoverableUsd') }
      case 'exposure':
        return { ...common, kind, heldSeconds: whole('heldSeconds'), adverseDays: whole('adverseDays') }
      case undefined:
        throw fault('kind')
      default:
        return { ...common, kind }
    }
  })
}

async function readJson(file: string): Promise<unknown> {
  let text: string
  try {
    text = await readFile(typed(file), 'utf8')
  } catch {
    throw new DocumentError(file, 'it cannot be opened')
  }
  try {
    return JSON.parse(text)
  } catch {
    throw new DocumentError(file, 'it is not JSON')
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Thrown when a model or an event file cannot be read. */
export class DocumentError extends Error {
  override readonly name = 'Document.DocumentError'
  readonly code = 'DOCUMENT_UNREADABLE'
  readonly hint = 'A model is what `plimsoll reputation fit --out` wrote; events are a JSON list, see plimsoll reputation score --help.'
  constructor(file: string, why: string) {
    super(`${file} cannot be read: ${why}.`)
  }
}
