// What a hold is given for a create without context and without a key, and what counts where its agent sets nothing.

export const withoutContext = {
  idempotency_key: null,
  fingerprint: null,
  metadata: null,
  user_identifier: null,
  request_id: '00000000-0000-4000-8000-000000000000',
}

export const defaults = { worker_name: 'voice-agent', max_call_minutes: 60 }
