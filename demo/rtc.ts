// LiveKit's client for Node, kept quiet: it prints debug lines on stdout unless NODE_ENV says "production" at the moment it
// is loaded.
const environment = process.env.NODE_ENV
process.env.NODE_ENV = 'production'
export const rtc = await import('@livekit/rtc-node')
if (environment === undefined) delete process.env.NODE_ENV
else process.env.NODE_ENV = environment
