/** The process of one contender: `worker.ts <file> <export> <seed>`. It runs when it is told to, and is idle else. */
import * as Clock from './Clock.ts'
import * as Contender from './Contender.ts'
import type { Answer, Question } from './Lane.ts'

const [file = '', exported = '', seed = ''] = process.argv.slice(2)
const found: Readonly<Record<string, Contender.Contender>> = await import(file)
const contender = chosen()

const accounts = contender.make(Number(seed))
const kept = accounts.map((account) => contender.assess(account))

process.on('message', (question: Question) => answer(question))
// Some of the peers leave timers and sockets behind when they are loaded.
process.on('disconnect', () => process.exit(0))
send({ name: contender.name, returns: contender.returns, complete: contender.complete })

function answer(question: Question): void {
  if ('milliseconds' in question) send(Clock.slice({ contender, accounts, kept }, question.milliseconds))
  else send({ worst: Math.max(...accounts.map((account, index) => Contender.verify(contender, account, kept[index]))) })
}

function send(message: Answer): void {
  process.send?.(message)
}

function chosen(): Contender.Contender {
  const contender = found[exported]
  if (contender === undefined) throw new RangeError(`${file} exports no ${exported}`)
  return contender
}
