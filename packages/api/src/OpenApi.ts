/** The router described as OpenAPI 3.1, for clients in other languages. */
import { generateOpenApiDocument } from 'trpc-to-openapi'
import { createAppRouter } from './Router.ts'
import type { Services } from './Services.ts'

/** The document that `openapi.json` holds. Describing calls nothing, so the services are never touched. */
export function document(): ReturnType<typeof generateOpenApiDocument> {
  const services = new Proxy({} as Services, {
    get(_, port) {
      throw new Error(`Describing the API must not use a service, and asked for ${String(port)}.`)
    },
  })
  return generateOpenApiDocument(createAppRouter(services, {}), {
    title: 'Plimsoll gateway',
    version: '0.1.0',
    baseUrl: 'http://127.0.0.1:4600/v1',
    description: 'Personal margin limits: computed, proven, enforced. Integers are decimal strings; USD × 1e18.',
    securitySchemes: { session: { type: 'http', scheme: 'bearer' } },
  })
}
