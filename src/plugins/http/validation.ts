// Requests and responses are held to the generated schemas, and neither is repaired: a wrong type is refused, an unknown
// field ignored. Only query parameters, which are always text, are read as the type they are declared to be.
import responseValidation from '@fastify/response-validation'
import { Ajv } from 'ajv'
import ajvFormats from 'ajv-formats'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

const options = { removeAdditional: false, allErrors: false, allowUnionTypes: true } as const

async function validation(app: FastifyInstance) {
  const query = new Ajv({ ...options, useDefaults: true, coerceTypes: true })
  const other = new Ajv(options)
  for (const ajv of [query, other]) ajvFormats.default(ajv)

  app.setValidatorCompiler(({ schema, httpPart }) => (httpPart === 'querystring' ? query : other).compile(schema))
  await app.register(responseValidation, { responseStatusCodeValidation: true, ajv: other })
}

export default fp(validation, { name: 'validation' })
