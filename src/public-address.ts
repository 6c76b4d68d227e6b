// Which addresses are somewhere in the public internet: nothing of ours, of this machine or of its network is behind them.
import ipaddr from 'ipaddr.js'

const { IPv4, IPv6 } = ipaddr
/** All IPv6 addresses of the public internet that were ever given out. */
const globalUnicast: [ipaddr.IPv6, number] = [IPv6.parse('2000::'), 3]

/** An IPv4 address that is written as an IPv6 one: mapped, or as a NAT64 translates it. */
function unwrap(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (address instanceof IPv4) return address
  if (address.isIPv4MappedAddress()) return address.toIPv4Address()
  if (address.match(IPv6.parse('64:ff9b::'), 96)) return new IPv4(address.toByteArray().slice(-4))
  return address
}

/** Addresses that look public, and lead to the machine's own cloud: Azure's. */
const ofClouds = ['168.63.129.16']

/** True for plain public unicast, v4 or v6; false for whatever is private, local, reserved, a tunnel's, or no address. */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false
  const address = unwrap(ipaddr.parse(text))
  if (ofClouds.includes(address.toString())) return false
  return address.range() === 'unicast' && (address instanceof IPv4 || address.match(globalUnicast))
}
