// The directory is named because Next.js otherwise takes that of the outermost package-lock.json.
/** @type {import('next').NextConfig} */
export default { turbopack: { root: import.meta.dirname }, poweredByHeader: false }
