// How a stream's connection is made, and to which of the server's addresses.

import { type ChannelCredentials, type ChannelOptions, type Client, connectivityState, credentials } from "@grpc/grpc-js";
import { LiveTranslateServiceClient } from "./gen/livetranslate/v1/gateway.js";

const OPTIONS: ChannelOptions = {
  "grpc.keepalive_time_ms": 10_000, // a server that died without a word is noticed after 15 s
  "grpc.keepalive_timeout_ms": 5_000,
  "grpc.use_local_subchannel_pool": 1, // another attempt does not wait until an older one may connect again
};
const DEFAULT_PORT = 50051;
/** A machine that is gone refuses nothing: without a limit the operating system waits for it for minutes. */
const CONNECT_MS = 3_000;

/** A server's addresses, and the one whose turn it is. */
export class Addresses {
  readonly #addresses: string[];
  readonly #credentials: ChannelCredentials;
  #turn = 0;

  /** Takes "HOST:PORT" of each replica, as a list or with commas between them. */
  constructor(addresses: string | string[], using = credentials.createInsecure()) {
    const names = typeof addresses === "string" ? addresses.split(",") : addresses;
    this.#addresses = names.map((name) => name.trim()).filter((name) => name !== "").map(withPort);
    if (this.#addresses.length === 0) {
      throw new Error("a client needs the address of a server, for example localhost:50051");
    }
    this.#credentials = using;
  }

  get count(): number {
    return this.#addresses.length;
  }

  /** The address whose turn it is. */
  get current(): string {
    return this.#addresses[this.#turn] ?? "";
  }

  /** Gives the turn to the next address, unless that was done already for the one that failed. */
  moveOn(failed: string): void {
    if (failed === this.current) this.#turn = (this.#turn + 1) % this.#addresses.length;
  }

  /** Opens a connection to the current address; whoever asked for it closes it. */
  connect(): LiveTranslateServiceClient {
    return new LiveTranslateServiceClient(this.current, this.#credentials, OPTIONS);
  }
}

/** Cancels a call whose connection has not come about in time, unless the timer is cleared before. */
export function limitConnecting(connection: Client, call: { cancel(): void }): NodeJS.Timeout {
  return setTimeout(() => {
    if (connection.getChannel().getConnectivityState(false) !== connectivityState.READY) call.cancel();
  }, CONNECT_MS);
}

function withPort(address: string): string {
  const hasPort = /:[^\]]*$/.test(address);
  return hasPort || address.includes("/") ? address : `${address}:${DEFAULT_PORT}`;
}
