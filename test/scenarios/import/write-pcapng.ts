/* Writes pcapng files for tests: draft-ietf-opsawg-pcapng. */

export interface WrittenInterface {
  readonly name?: string;
  readonly linkType?: number;
  /** The option if_tsresol. */
  readonly resolution?: number;
  /** The option if_tsoffset, in seconds. */
  readonly offset?: number;
}

export interface WrittenPacket {
  readonly interface?: number;
  /** In units of the interface's resolution. */
  readonly time: bigint;
  readonly data: Buffer;
  readonly originalLength?: number;
}

export class PcapngWriter {
  private readonly big: boolean;

  constructor(big = false) {
    this.big = big;
  }

  write(interfaces: readonly WrittenInterface[], packets: readonly WrittenPacket[]): Buffer {
    return Buffer.concat([
      this.section(),
      ...interfaces.map((one) => this.description(one)),
      this.block(4, Buffer.from([0, 0, 0, 0])),
      ...packets.map((packet) => this.packet(packet)),
    ]);
  }

  section(): Buffer {
    const version = Buffer.concat([this.u16(1), this.u16(0)]);
    return this.block(0x0a0d0d0a, this.u32(0x1a2b3c4d), version, Buffer.alloc(8, 0xff));
  }

  block(type: number, ...parts: readonly Buffer[]): Buffer {
    const body = Buffer.concat([...parts]);
    const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)]);
    const length = this.u32(padded.length + 12);
    return Buffer.concat([this.u32(type), length, padded, length]);
  }

  u32(value: number): Buffer {
    const buffer = Buffer.alloc(4);
    if (this.big) buffer.writeUInt32BE(value);
    else buffer.writeUInt32LE(value);
    return buffer;
  }

  private u16(value: number): Buffer {
    return this.big ? Buffer.from([value >> 8, value & 0xff]) : this.u32(value).subarray(0, 2);
  }

  private description({ name, linkType = 1, resolution, offset }: WrittenInterface): Buffer {
    const options = [
      ...(name === undefined ? [] : [this.option(2, Buffer.from(name))]),
      ...(resolution === undefined ? [] : [this.option(9, Buffer.from([resolution]))]),
      ...(offset === undefined ? [] : [this.option(14, this.u64(BigInt(offset)))]),
      this.option(0, Buffer.alloc(0)),
    ];
    return this.block(1, this.u16(linkType), this.u16(0), this.u32(0), ...options);
  }

  private u64(value: bigint): Buffer {
    const buffer = Buffer.alloc(8);
    if (this.big) buffer.writeBigInt64BE(value);
    else buffer.writeBigInt64LE(value);
    return buffer;
  }

  private option(code: number, value: Buffer): Buffer {
    const padding = Buffer.alloc((4 - (value.length % 4)) % 4);
    return Buffer.concat([this.u16(code), this.u16(value.length), value, padding]);
  }

  private packet({ interface: index = 0, time, data, originalLength }: WrittenPacket): Buffer {
    return this.block(
      6,
      this.u32(index),
      this.u32(Number(time >> 32n)),
      this.u32(Number(time & 0xffffffffn)),
      this.u32(data.length),
      this.u32(originalLength ?? data.length),
      data,
    );
  }
}
