/*
 * The object type kernel_buffer: memory of the kernel with bytes, which a driver copies or maps.
 */
import { z } from 'zod';
import { bytesOfText } from '../../models/lib/text-bytes.ts';
import { KernelBuffer, SIZEOF_INT } from '../../models/mm/kernel-buffer.ts';
import { ScenarioError } from '../run/error.ts';
import { objectType, type ObjectType } from './object-type.ts';

/** What kmalloc() gives at most (KMALLOC_MAX_SIZE of many kernels). */
const LARGEST = 0x400000;

export const kernelBuffer: ObjectType = objectType(
  {
    name: 'kernel_buffer',
    short: 'size',
    fields: z.strictObject({
      size: z.int().min(1).max(LARGEST).default(4096).describe('Bytes.'),
      array: z
        .boolean()
        .default(false)
        .describe('An array, of which the compiler knows the size; otherwise it was allocated.'),
      ints: z
        .string()
        .optional()
        .describe('The shared variable whose elements are its ints: `ring[2]` is bytes 8 to 11.'),
      text: z.string().default('').describe('What it holds at first; zeros follow.'),
    }),
    about: 'Memory of the kernel: copied from and to user space, or mapped by a device.',
    source: 'mm/slab_common.c',
  },
  (world, name, { size, array, ints, text }) => {
    const buffer = new KernelBuffer(name, size, array);
    if (ints !== undefined) {
      const variable = world.variables.find((one) => one.name === ints);
      const at = `objects.${name}.ints`;
      if (variable === undefined) throw new ScenarioError(null, `${at}: no variable '${ints}'`);
      const needed = variable.length * SIZEOF_INT;
      if (needed > size) {
        const message = `${ints} has ${needed} bytes, ${name} has ${size}`;
        throw new ScenarioError(null, `${at}: ${message}`);
      }
      variable.bind(buffer);
    }
    if (text.length > size) {
      const message = `expected at most ${size} characters`;
      throw new ScenarioError(null, `objects.${name}.text: ${message}`);
    }
    const bytes = bytesOfText(text);
    buffer.bytes(0, bytes.length).set(bytes);
    buffer.written(0, bytes.length);
    return buffer;
  },
);
