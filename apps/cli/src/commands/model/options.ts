/** What the model commands take, read once and refused in one sentence. */
import { Backend, Recipe, Registry } from '@plimsoll/volatility-model'
import { typed } from '../../path.ts'

/** A date such as 2024-01-22, or a time in ISO 8601 UTC, as unix seconds. */
export function date(name: string, text: string): number {
  const at = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?Z)?$/.test(text) ? Date.parse(text) / 1000 : Number.NaN
  if (!Number.isSafeInteger(at)) throw new ModelOptionError(name, text, 'a date such as 2024-01-22, or 2024-01-22T06:00Z')
  return at
}

/** `1h`, `4h` or `24h`, as hours. */
export function horizon(text: string): number {
  const hours = { '1h': 1, '4h': 4, '24h': 24 }[text]
  if (hours === undefined) throw new ModelOptionError('horizon', text, '1h, 4h or 24h')
  return hours
}

/** A whole number within bounds. */
export function whole(name: string, text: string, least: number, most: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= least && value <= most)) throw new ModelOptionError(name, text, `a whole number from ${least} to ${most}`)
  return value
}

/** The recipe, with the size of the ensemble and its training as given. */
export function recipe(given: { readonly members: string; readonly steps: string }): Recipe.Recipe {
  return { ...Recipe.recipe, members: whole('members', given.members, 1, 32), steps: whole('steps', given.steps, 1, 100_000) }
}

/** Paths against where they were typed. */
export function paths(list: readonly string[]): readonly string[] {
  return list.map(typed)
}

/** The tfjs backend asked for, or the best one here. */
export function backend(text: string | undefined): Promise<Backend.Backend> {
  if (text !== undefined && text !== 'tensorflow' && text !== 'wasm' && text !== 'cpu')
    throw new ModelOptionError('backend', text, 'tensorflow, wasm or cpu')
  return Backend.load(text)
}

/** The models folder; the one that comes along unless given. */
export function folder({ models }: { readonly models?: string }): string {
  return models === undefined ? Registry.defaultDirectory : typed(models)
}

/** The version that is asked for, or the champion, loaded on the best backend here. @throws {Registry.NoChampionError} */
export async function model(given: { readonly model?: string; readonly models?: string }) {
  const directory = folder(given)
  const registry = await Registry.read(directory)
  const entry = given.model === undefined ? registry.champion : Registry.find(registry, given.model)
  if (entry === null) throw new Registry.NoChampionError()
  return { entry, model: await Registry.load({ directory, ...entry, backend: await backend(undefined) }) }
}

/** Thrown for an option that cannot be read. */
export class ModelOptionError extends Error {
  override readonly name = 'Model.OptionError'
  readonly code = 'OPTION_INVALID'
  readonly hint: string
  constructor(option: string, text: string, wanted: string) {
    super(`--${option} ${JSON.stringify(text)} cannot be read.`)
    this.hint = `Give ${wanted}.`
  }
}
