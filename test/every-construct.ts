// A document that holds every construct which the generator knows.
export const thing = {
  type: 'object',
  description: 'A thing.',
  required: ['id', 'kind'],
  additionalProperties: false,
  properties: {
    id: { type: 'string', format: 'uuid', minLength: 1, maxLength: 36, examples: ['x'] },
    kind: { type: 'string', enum: ['a', 'b'] },
    level: { type: 'integer', enum: [1, 2] },
    count: { type: 'integer', format: 'int64', minimum: 0, maximum: 9, default: 1 },
    form: { type: 'string', pattern: '^a\\.' },
    open: { type: 'boolean' },
    flag: { type: 'boolean', description: 'A flag.' },
    parts: { type: 'array', items: { $ref: '#/components/schemas/Part' }, minItems: 1, maxItems: 3 },
    texts: { type: 'object', maxProperties: 9, additionalProperties: { type: 'string', maxLength: 5 } },
    anything: { type: 'object', additionalProperties: true },
  },
}
export const part = { type: 'object', properties: { name: { type: 'string' } } }
export const either = {
  description: 'One of two.',
  oneOf: [{ $ref: '#/components/schemas/Part' }, { $ref: '#/components/schemas/Thing' }],
}
const answer = (schema: object) => ({ content: { 'application/json': { schema } } })
export const document = {
  components: {
    schemas: { Either: either, Thing: thing, Part: part },
    responses: { Gone: answer({ $ref: '#/components/schemas/Part' }) },
    parameters: { Limit: { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1 } } },
  },
  security: [{ ApiKey: [] }],
  webhooks: { 'thing.made': { post: { requestBody: answer({ $ref: '#/components/schemas/Either' }) } } },
  paths: {
    '/v1/things/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
      put: {
        operationId: 'putThing',
        security: [],
        parameters: [
          { $ref: '#/components/parameters/Limit' },
          { name: 'Idempotency-Key', in: 'header', schema: { type: 'string', maxLength: 255 } },
        ],
        requestBody: answer({ $ref: '#/components/schemas/Thing' }),
        responses: {
          '200': answer({ $ref: '#/components/schemas/Thing' }),
          '410': { $ref: '#/components/responses/Gone' },
        },
      },
      get: { operationId: 'getThing', responses: { '200': answer({ type: 'array', items: { type: 'string' } }) } },
    },
  },
}
