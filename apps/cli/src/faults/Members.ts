/** Signers as a collector meets them: processes of their own, each with a limit that it computed by itself and a key. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { QuorumSigner } from '@plimsoll/chain'
import { Certificate } from '@plimsoll/contracts'
import { Wallet } from '@plimsoll/localnet'

export type Member = QuorumSigner.Member & { readonly stop: () => Promise<void> }

/**
 * A signer that signs what is no more than its own limit, and else says so. Where that limit comes from is not its concern: `services/signer`
 * computes it; here the row chooses it.
 *
 * @param args.own - the greatest notional that it came to. USD.
 */
export async function start(args: { readonly name: string; readonly own: bigint }): Promise<Member> {
  const account = Wallet.of(args.name)
  const server = createServer((request, response) => {
    const answered = (async () => {
      let body = ''
      for await (const chunk of request) body += String(chunk)
      const question = JSON.parse(body) as QuorumSigner.Question
      const certificate = Certificate.fromMessage(question.certificate)
      const book = { chainId: question.chainId, verifyingContract: question.limitBook }
      const answer: QuorumSigner.Answer =
        certificate.maxNotional > args.own
          ? { status: 'refused', code: 'MORE_GENEROUS', message: `${args.own} is the most here.` }
          : { status: 'signed', signature: await account.signTypedData(Certificate.typedData(certificate, book)) }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })()
    answered.catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: account.address,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
