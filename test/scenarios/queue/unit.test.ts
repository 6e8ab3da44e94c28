import { expect, test } from 'vitest';
import { packOrder, unpackOrder, type Order } from '../../../scenarios/queue/unit.ts';

test('an order arrives as it was sent, with the bytes of its files', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  const order: Order = {
    kind: 'sweep',
    order: {
      file: 'my.yaml',
      text: 'name: ä\n',
      overrides: ['seed=3'],
      axes: [{ path: 'machine.hz', values: ['100', '250'] }],
      seeds: ['1', 'x'],
      inputs: [
        { path: 'a.pcap', content: bytes },
        { path: 'b.pcap', content: "the file 'b.pcap' cannot be read (ENOENT)" },
      ],
    },
  };
  const arrived = unpackOrder(packOrder(order));
  expect(arrived.order.inputs.map(({ content }) => content.length)).toEqual([256, 41]);
  const [first, second] = arrived.order.inputs;
  expect(Uint8Array.from(first!.content as Uint8Array)).toEqual(bytes);
  expect({
    ...arrived,
    order: { ...arrived.order, inputs: [order.order.inputs[0], second] },
  }).toEqual(order);
});
