/*
 * A packet capture as events: each packet one of the name `packet`, with its length on the wire.
 */
import { PcapError } from '../../models/net/pcap.ts';
import { openCapture, type Capture, type CapturedPacket } from '../../models/net/capture.ts';
import { RecordingError, type RecordedEvent, type Recording } from './recording.ts';

const NAME = 'packet';

export function openPackets(bytes: Uint8Array): Recording {
  return new Packets(openedCapture(() => openCapture(bytes)));
}

function openedCapture<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof PcapError) throw new RecordingError(error.message);
    throw error;
  }
}

class Packets implements Recording {
  readonly format: string;
  readonly notes: readonly string[] = [];
  readonly only = NAME;
  private readonly capture: Capture;

  constructor(capture: Capture) {
    this.capture = capture;
    this.format = capture.format;
  }

  each(see: (event: RecordedEvent) => void): void {
    openedCapture(() => {
      for (const packet of this.capture.packets()) see(new PacketEvent(packet));
    });
  }
}

class PacketEvent implements RecordedEvent {
  readonly name = NAME;
  readonly cpu = -1;
  readonly timeNs: number;
  private readonly packet: CapturedPacket;

  constructor(packet: CapturedPacket) {
    this.packet = packet;
    this.timeNs = packet.timeNs;
  }

  field(name: string): string | undefined {
    if (name === 'len') return String(this.packet.originalLength);
    if (name === 'interface') return this.packet.interfaceName;
    return undefined;
  }

  fieldNames(): readonly string[] {
    return ['len', 'interface'];
  }
}
