// A network between the gateway and the providers that can be cut: it forwards connections, until `cut`.

import { once } from "node:events"
import net from "node:net"

/** Forwards connections to `port` from a port of its own. */
export const startNetwork = async (port) => {
  const open = new Set()
  let server
  const forward = (near) => {
    const far = net.connect(port, "127.0.0.1")
    for (const [one, other] of [[near, far], [far, near]]) {
      open.add(one)
      one.setNoDelay(true)
      one.on("error", () => {})
      one.on("close", () => {
        open.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  }
  const listen = async (at) => {
    server = net.createServer(forward).listen(at, "127.0.0.1")
    await once(server, "listening")
    return server.address().port
  }
  const own = await listen(0)
  /** Closes every connection; new ones are taken. */
  const reset = () => {
    for (const socket of open) socket.resetAndDestroy()
  }
  return {
    port: own,
    reset,
    /** Closes every connection and takes no new ones, until `restore`. */
    cut: async () => {
      const closed = once(server, "close")
      server.close()
      reset()
      await closed
    },
    restore: () => listen(own),
  }
}
